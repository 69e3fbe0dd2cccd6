import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../startPostgres.ts'

/** One PostgreSQL of a test file, started when it is first asked for. */
export type JobsPostgres = {
  /** For a test's own files too. */
  readonly dir: string
  server(): Promise<EmbeddedPostgres>
  /** After it was killed: the same data on the same socket. */
  restart(): Promise<EmbeddedPostgres>
  /** Stops it and deletes its data. */
  end(): Promise<void>
}

export function makeJobsPostgres(): JobsPostgres {
  const dir = mkdtempSync(path.join(tmpdir(), 'jobs-postgres-'))
  chmodSync(dir, 0o755)
  let starting: Promise<EmbeddedPostgres> | undefined
  const start = () => {
    const at = { dir: path.join(dir, 'postgres'), template: null }
    return startEmbeddedPostgres({ ...at, password: 'jobs' })
  }
  const server = () => {
    starting ??= start()
    return starting
  }
  return {
    dir,
    server,
    restart() {
      starting = start()
      return starting
    },
    async end() {
      await (await starting)?.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
