import { within } from '../http/within.ts'
import type { ApiPorts } from './apiPorts.ts'

/** An answer of the chain or of the jobs' store: beyond this the caller is asked to come again. */
export const portMsMax = 1_800

/** The same ports, whose reads are refused when they are not answered in time. */
export function boundPorts<P extends Pick<ApiPorts, 'chain' | 'jobs'>>(ports: P): P {
  const { chain, jobs } = ports
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
      recent: (limit) => within(portMsMax, jobs.recent(limit)),
      add: (job) => jobs.add(job),
      work: (options) => jobs.work(options),
      close: () => jobs.close(),
    },
  } satisfies Pick<ApiPorts, 'chain' | 'jobs'> & P
}
