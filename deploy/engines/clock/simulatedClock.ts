import {
  closeSync,
  constants,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { ClockGoesBackError, InstantError } from '../../../schemas/errors/clock.ts'
import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { elapsedMs, sleep } from './systemClock.ts'

/** A clock that one driver sets and all processes of a folder read. */
export type SimulatedClock = Clock & {
  /**
   * Sets the time of all processes to `ms`; resolves when it is on disk. For the driver only.
   *
   * @throws InvalidArgumentError when `ms` is earlier than what the clock shows.
   */
  set(ms: EpochMs): Promise<void>
  close(): void
}

/** Read, write, create if absent, never truncate: `r+` refuses a missing file. */
const createFlags = constants.O_RDWR | constants.O_CREAT
const bytesOfFile = 16
const readsMax = 1_000

/**
 * The simulated clock of a folder; shows 0 (1970) until it is set for the first time.
 *
 * `DIR/clock` contains the time twice, as f64 and as f64 negated, and is written by one `pwrite` of
 * 16 bytes. A reader that sees a torn write finds two values that do not match and reads again,
 * so `nowMs` costs one `pread` and needs no lock that a killed process could keep.
 */
export function openSimulatedClock(dir: string): SimulatedClock {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = openSync(path.join(dir, 'clock'), createFlags, 0o600)
  const bytes = new DataView(new ArrayBuffer(bytesOfFile))
  let latestMs = 0
  const nowMs = () => {
    latestMs = Math.max(latestMs, readTime(file, bytes))
    return latestMs
  }
  return {
    nowMs,
    elapsedMs,
    sleep,
    set: async (ms) => {
      const shownMs = nowMs()
      if (!Number.isSafeInteger(ms)) throw new InstantError({ ms })
      if (ms < shownMs) throw new ClockGoesBackError({ shownMs, ms })
      writeTime(file, ms)
    },
    close: () => closeSync(file),
  }
}

function readTime(file: number, bytes: DataView): EpochMs {
  for (let tries = 0; tries < readsMax; tries++) {
    const length = readSync(file, bytes, 0, bytesOfFile, 0)
    if (length === 0) return 0
    const ms = bytes.getFloat64(0, true)
    if (length === bytesOfFile && bytes.getFloat64(8, true) === -ms) return ms
  }
  throw new InvariantError('The file of the simulated clock contains no time.')
}

function writeTime(file: number, ms: EpochMs): void {
  const bytes = new DataView(new ArrayBuffer(bytesOfFile))
  bytes.setFloat64(0, ms, true)
  bytes.setFloat64(8, -ms, true)
  writeSync(file, bytes, 0, bytesOfFile, 0)
  fdatasyncSync(file)
}
