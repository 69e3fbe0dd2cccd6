import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { shortPostgresUrl } from '../sockets/shortPostgresUrl.ts'
import { startEmbeddedPostgres } from './startPostgres.ts'

export const testPassword = 'a b'

/** A new folder that the user of PostgreSQL may enter too. */
export function postgresRoot(): string {
  const dir = mkdtempSync(path.join(realpathSync(tmpdir()), 'postgres-'))
  chmodSync(dir, 0o755)
  return dir
}

/** With its owner and modes, which Node's own copy does not keep. */
export function copyWhole(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to])
}

/** Makes a stopped installation to copy, with a table `only_here`: to make one takes seconds. */
export async function startTestPostgres(dir: string, template: string | null): Promise<void> {
  const server = await startEmbeddedPostgres({ dir, password: testPassword, template })
  await queryPostgres(server.url, 'CREATE TABLE only_here AS SELECT 1 AS value')
  await server.stop()
}

export async function queryPostgres(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: shortPostgresUrl(url) })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
