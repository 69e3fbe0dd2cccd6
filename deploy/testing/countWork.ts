import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { open } from 'lmdb'
import pg from 'pg'
import { connectClickHouse } from '../engines/views/clickhouseConnection.ts'
import { jobsUrlOf } from '../installation/addresses.ts'
import { readConfig } from '../installation/config.ts'
import { listTree } from './processTree.ts'

/** What an installation has done since it began, as counts: load beside it changes none of them. */
export type Work = {
  /** Statements that the store of views was sent, by kind. */
  readonly selects: number
  readonly inserts: number
  /** Files and folders that it has synced. */
  readonly viewsSyncs: number
  /** Transactions of the log that wrote: one sync each. */
  readonly logCommits: number
  /** Transactions of the jobs' store, reads too. */
  readonly jobsCommits: number
  /** Bytes that processes wrote to files and sockets. */
  readonly written: number
  /** How often a thread waited for something, and was woken. */
  readonly wakeups: number
}

/** For `startTestClickHouse({ extraQueries })`. */
export const eventsQuery =
  'SELECT event, toFloat64(value) AS value FROM system.events WHERE event IN ' +
  "('SelectQuery', 'InsertQuery', 'FileSync', 'DirectorySync') ORDER BY event"

export type CountWorkParameters = {
  readonly dir: string
  /** The processes of `up`, and a ClickHouse with `eventsQuery` that it was given as VIEWS_URL. */
  readonly pids: readonly number[]
  readonly viewsUrl: string
}

/** Linux only, for `/proc`. */
export async function countWork({ dir, pids, viewsUrl }: CountWorkParameters): Promise<Work> {
  const events = await readEvents(viewsUrl)
  const processes = pids.flatMap((pid) => listTree(pid)).map(({ pid }) => pid)
  const eventOf = (name: string) => events.get(name) ?? 0
  return {
    selects: eventOf('SelectQuery'),
    inserts: eventOf('InsertQuery'),
    viewsSyncs: eventOf('FileSync') + eventOf('DirectorySync'),
    logCommits: countLogCommits(path.join(dir, 'log')),
    jobsCommits: await countJobsCommits(dir),
    written: sumOf(processes, bytesWrittenBy),
    wakeups: sumOf(processes, wakeupsOf),
  }
}

async function readEvents(url: string): Promise<ReadonlyMap<string, number>> {
  const { client, close } = await connectClickHouse(url)
  try {
    const answer = await client.query({ query: eventsQuery, format: 'JSONEachRow' })
    const rows = await answer.json<{ event: string; value: number }>()
    return new Map(rows.map(({ event, value }) => [event, value]))
  } finally {
    await close()
  }
}

function countLogCommits(dir: string): number {
  const root = open({ path: dir, noSubdir: false, maxDbs: 4, readOnly: true })
  try {
    return (root.getStats() as { lastTxnId: number }).lastTxnId
  } finally {
    void root.close()
  }
}

async function countJobsCommits(dir: string): Promise<number> {
  const client = new pg.Client({ connectionString: jobsUrlOf(readConfig({ WATTPROOF_DIR: dir })) })
  await client.connect()
  try {
    const { rows } = await client.query('SELECT sum(xact_commit) AS commits FROM pg_stat_database')
    return Number(rows[0].commits)
  } finally {
    await client.end()
  }
}

/** One that ended since it was listed, as a stand-in does once `serve` is there, counts nothing. */
function sumOf(pids: readonly number[], count: (pid: number) => number): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + count(pid)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ESRCH') return sum
      throw error
    }
  }, 0)
}

function bytesWrittenBy(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}

function wakeupsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return sumOf(threads.map(Number), (thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1])
  })
}
