import { NotFinishedError, PortSilentError } from '../../../schemas/errors/request.ts'
import type { ServingCommands } from '../../programme/commands.ts'
import { within } from '../http/within.ts'
import type { ApiPorts } from './apiPorts.ts'

/** An answer of the chain or of the jobs' store: beyond this the caller is asked to come again. */
export const portMsMax = 1_800

/** What changes something and may be repeated; a claim waits for blocks. */
const commandMsMax = 30_000
const claimMsMax = 120_000

/**
 * The same commands, for at most so long: a caller who is refused may send the same again, and
 * what was begun goes on meanwhile. A store that stands still is refused by the ports in 2 s.
 */
export function boundCommands(commands: ServingCommands): ServingCommands {
  return {
    createEvent: (draft) => finished(commandMsMax, commands.createEvent(draft)),
    claim: (id, options) => finished(claimMsMax, commands.claim(id, options)),
    rerun: (id) => finished(commandMsMax, commands.rerun(id)),
    addVerdict: (verdict) => finished(commandMsMax, commands.addVerdict(verdict)),
    nudge: () => commands.nudge(),
  }
}

async function finished<T>(ms: number, work: Promise<T>): Promise<T> {
  try {
    return await within(ms, work)
  } catch (error) {
    if (error instanceof PortSilentError) throw new NotFinishedError({ ms }, error)
    throw error
  }
}

/** The same ports, whose reads are refused when they are not answered in time. */
export function boundPorts<P extends Pick<ApiPorts, 'chain' | 'jobs'>>(ports: P): P {
  const { chain, jobs } = ports
  const recent = joinReads((limit: number) => jobs.recent(limit))
  return {
    ...ports,
    chain: {
      identity: () => within(portMsMax, chain.identity()),
      head: () => within(portMsMax, chain.head()),
      read: (call) => within(portMsMax, chain.read(call)),
      events: (contract, fromBlock) => within(portMsMax, chain.events(contract, fromBlock)),
      send: (call) => chain.send(call),
      close: () => chain.close(),
    },
    jobs: {
      report: (name, id) => within(portMsMax, jobs.report(name, id)),
      recent: (limit) => within(portMsMax, recent(limit)),
      // Its id makes it one job, however often it is added.
      add: (job) => within(portMsMax, jobs.add(job)),
      work: (options) => jobs.work(options),
      close: () => jobs.close(),
    },
  } satisfies Pick<ApiPorts, 'chain' | 'jobs'> & P
}

/** Identical reads share one that is still running: a caller that gives up does not cancel it. */
function joinReads<T>(read: (limit: number) => Promise<T>): (limit: number) => Promise<T> {
  const running = new Map<number, Promise<T>>()
  return (limit) => {
    const known = running.get(limit)
    if (known) return known
    const answer = read(limit).finally(() => running.delete(limit))
    running.set(limit, answer)
    return answer
  }
}
