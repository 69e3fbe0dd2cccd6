import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from 'chdb'
import { TooManyQueriesError } from '../../../schemas/errors/embeddedClickHouse.ts'
import { ClickHouseFolderInUseError } from '../../../schemas/errors/installation.ts'
import { sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import { type RequestSettings, resetStatement, setStatement } from './requestSettings.ts'

/** Sessions on one data directory. Each serves one request at a time and is reset after it. */
export type SessionPool = {
  /** `26.1.2.3 embedded` */
  readonly engine: string
  run<T>(
    context: RequestSettings & { readonly database: string },
    work: (session: Session) => Promise<T>,
  ): Promise<T>
  /** Waits for running requests, then releases the directory. */
  close(): Promise<void>
}

type Member = { session: Session; database: string }

/** chdb works on libuv's four threads; one stays free for files. */
const sessionsMax = 3
const waitingMax = 512
const openMsMax = 20_000
/** Parameters are passed by SET statements, and a list of meters may be long. */
const connectionArgs = ['--async_load_databases=0', `--max_query_size=${64 << 20}`]

/** Opens the directory, waiting for an earlier owner that is about to end. */
export async function openSessionPool(dir: string): Promise<SessionPool> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const members = [await openFirst(dir)]
  while (members.length < sessionsMax) members.push(openMember(dir))
  const engine = readEngine(members[0]!)
  const free = [...members]
  const waiting: ((member: Member) => void)[] = []

  const acquire = async (): Promise<Member> => {
    const member = free.pop()
    if (member) return member
    if (waiting.length < waitingMax) return new Promise((resolve) => waiting.push(resolve))
    throw new TooManyQueriesError({ waitingMax })
  }
  const release = (member: Member) => {
    const next = waiting.shift()
    if (next) next(member)
    else free.push(member)
  }
  return {
    engine,
    async run(context, work) {
      const member = await acquire()
      try {
        return await runOn({ dir, member, context, work })
      } finally {
        release(member)
      }
    },
    async close() {
      for (let closed = 0; closed < sessionsMax; closed++) (await acquire()).session.close()
    },
  }
}

type Running<T> = {
  dir: string
  member: Member
  context: RequestSettings & { readonly database: string }
  work: (session: Session) => Promise<T>
}

async function runOn<T>(running: Running<T>): Promise<T> {
  const { member, context, work } = running
  if (member.database !== context.database) {
    await member.session.queryAsync(`USE ${context.database}`)
    member.database = context.database
  }
  const setsNothing = context.settings.size + context.parameters.size === 0
  return setsNothing ? work(member.session) : runWithSettings(running)
}

async function runWithSettings<T>({ dir, member, context, work }: Running<T>): Promise<T> {
  try {
    await member.session.queryAsync(setStatement(context))
    return await work(member.session)
  } finally {
    try {
      await member.session.queryAsync(resetStatement(context))
    } catch {
      // A session that cannot be reset would leak its settings into the next request.
      member.session.close()
      Object.assign(member, openMember(dir))
    }
  }
}

/**
 * Another process may own the directory for the seconds it takes to end. The engine prints that
 * (code 76) to standard error and its exception does not distinguish it from other failures.
 */
async function openFirst(dir: string): Promise<Member> {
  const start = performance.now()
  for (;;) {
    try {
      return openMember(dir)
    } catch (error) {
      if (performance.now() - start > openMsMax) {
        throw new ClickHouseFolderInUseError({ dir, reason: sentenceOf(error) }, error)
      }
      await sleep(500)
    }
  }
}

/** chdb's own `version()` would start a second engine in memory only to ask it. */
function readEngine({ session }: Member): string {
  return `${session.query('SELECT version()', 'TSV').trim()} embedded`
}

function openMember(dir: string): Member {
  const session = new Session(dir, { connectionArgs })
  return { session, database: 'default' }
}
