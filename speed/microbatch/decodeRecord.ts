import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { LogRecord } from '../../schemas/logRecord.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'

export type ReadRecord = {
  readonly partition: number
  readonly offset: number
  readonly readings: readonly Reading[]
  /** False for bytes that are not a frame: something else wrote to the topic. */
  readonly isFrame: boolean
}

/**
 * The readings of a record. Bytes that are not a frame count as one rejected reading and do not
 * stop the layer; the archive keeps them with the dead letters.
 */
export function decodeRecord({ position, value }: LogRecord): ReadRecord {
  const { partition, offset } = position
  try {
    return { partition, offset, readings: decodeFrame(value), isFrame: true }
  } catch (error) {
    if (error instanceof InvalidArgumentError || error instanceof RangeError) {
      return { partition, offset, readings: [], isFrame: false }
    }
    throw error
  }
}
