import { expect, test } from 'vitest'
import { postTo } from '../testing/postTo.ts'
import { startTestClickHouse } from '../testing/testClickHouse.ts'
import { isAllowed } from './allowed.ts'
import { bundles } from './bundled.ts'

const query = `
  SELECT version() AS version, library_name, license_type FROM system.licenses
  WHERE license_type LIKE '%GPL%' ORDER BY library_name FORMAT JSON`

test('the parts of ClickHouse under LGPL are those listed; none is under GPL', async () => {
  const clickhouse = await startTestClickHouse({ extraQueries: [query] })
  try {
    const { data } = JSON.parse(await postTo(clickhouse.url, query)) as {
      data: { version: string; library_name: string; license_type: string }[]
    }
    const { parts } = bundles.find((each) => each.packages === '@chdb/lib-')!
    const bound = data.filter(({ license_type }) => !isAllowed(license_type))
    expect(bound.map(({ library_name, license_type }) => [library_name, license_type])).toEqual(
      parts.filter(({ licence }) => !isAllowed(licence)).map((each) => [each.name, each.licence]),
    )
    expect(data[0]!.version).toBe(parts[0]!.version)
  } finally {
    await clickhouse.stop()
  }
})
