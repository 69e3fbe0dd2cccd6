import os from 'node:os'

/** Since the machine was started, asleep or not; the same in all processes, and nobody sets it. */
export function upMs(): number {
  return os.uptime() * 1000
}
