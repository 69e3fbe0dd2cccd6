import { rowSets } from '../../../schemas/sql/rowSets.ts'
import { connectClickHouse } from '../../engines/views/clickhouseConnection.ts'

const statements = Object.keys(rowSets)
  .filter((name) => name !== 'migrations')
  .map((name) => `TRUNCATE TABLE ${name}`)

/** For `startTestClickHouse({ extraQueries })`. */
export const emptyingQueries: readonly string[] = statements

/** A store as it was before its first row: a tenth of the cost of another one. */
export async function emptyStore(url: string): Promise<void> {
  const { client, close } = await connectClickHouse(url)
  try {
    const clickhouse_settings = { wait_end_of_query: 1 as const }
    for (const query of statements) await client.command({ query, clickhouse_settings })
  } finally {
    await close()
  }
}
