import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { LogRecord } from '../../schemas/logRecord.ts'
import type { Act } from '../../schemas/reading/acts.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'

export type ReadRecord = {
  readonly partition: number
  readonly offset: number
  readonly loggedMs: EpochMs
  readonly readings: readonly Reading[]
  readonly act: Act | null
  /** False for bytes that are not a frame: something else wrote to the topic. */
  readonly isFrame: boolean
}

/**
 * The readings of a record. Bytes that are not a frame count as one rejected reading and do not
 * stop the layer; the archive keeps them with the dead letters.
 */
export function decodeRecord({ position, loggedMs, value }: LogRecord): ReadRecord {
  const at = { partition: position.partition, offset: position.offset, loggedMs }
  try {
    return { ...at, ...decodeFrame(value), isFrame: true }
  } catch (error) {
    if (error instanceof InvalidArgumentError || error instanceof RangeError) {
      return { ...at, readings: [], act: null, isFrame: false }
    }
    throw error
  }
}
