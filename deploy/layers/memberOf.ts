import os from 'node:os'
import type { JoinOptions } from '../../schemas/ports/log.ts'
import type { Config } from '../installation/config.ts'

/** What this process is called among those of its layer, and how long it may be silent. */
export function memberOf({ leaseS }: Config): Pick<JoinOptions, 'name' | 'leaseMs'> {
  return { name: `${os.hostname()}:${process.pid}`, leaseMs: leaseS * 1000 }
}
