import { tableFromIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import type { StreamFormat } from '../ports/views.ts'
import { collect } from './collect.ts'
import { asOfNow, newName, range, reading, type StoreUnderTest, startMs } from './viewsRows.ts'

/** Results too large for memory. */
export function describeStreams(store: StoreUnderTest): void {
  test('a result streams as JSON lines, CSV and Arrow, the same rows each', async () => {
    const prefix = newName('stream')
    const meters = Array.from({ length: 3 }, (_, index) => `${prefix}-"ü",\n-${index}`)
    // 3 meters × 25,000: several chunks of the engine.
    const rows = meters.flatMap((meter) => {
      return Array.from({ length: 25_000 }, (_, row) => {
        return reading({ meter, start: startMs + row * 1000, energy_mwh: row })
      })
    })
    await store.views.insert('readings', rows)
    const read = async (format: StreamFormat) => {
      return collect(
        await store.views.stream('counting_readings', { ...range, ...asOfNow, meters }, format),
      )
    }

    const lines = (await read('json')).toString('utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(75_000)
    expect(JSON.parse(lines[74_999]!)).toMatchObject({ meter: meters[2], energy_mwh: 24_999 })

    const csv = (await read('csv')).toString('utf8')
    expect(csv.startsWith('"meter","start_ms","energy_mwh","duration_s","quality"\n')).toBe(true)
    expect(csv.match(/"meter"/g)).toHaveLength(1)
    expect(csv.match(/,1800,2\n/g)).toHaveLength(75_000)

    const table = tableFromIPC(await read('arrow'))
    expect(table.numRows).toBe(75_000)
    expect(table.get(74_999)?.toJSON()).toMatchObject({ meter: meters[2], energy_mwh: 24_999 })
  })

  test('an empty result streams as well', async () => {
    const asked = { ...range, meters: [newName('nobody')] }
    const read = async (format: StreamFormat) => {
      return collect(
        await store.views.stream('counting_readings', { ...asked, ...asOfNow }, format),
      )
    }
    expect((await read('json')).toString()).toBe('')
    expect((await read('csv')).toString().trimEnd().split('\n')).toHaveLength(1)
    expect(tableFromIPC(await read('arrow')).numRows).toBe(0)
  })

  test('a stream may be left early', async () => {
    const asked = { ...range, meters: [] }
    // More often than the engine can answer at once.
    for (let turn = 0; turn < 5; turn++) {
      for await (const chunk of await store.views.stream(
        'counting_readings',
        { ...asked, ...asOfNow },
        'json',
      )) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
    }
    await expect(store.views.ping()).resolves.toBeUndefined()
  })
}
