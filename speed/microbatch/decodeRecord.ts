import { InvariantError } from '../../schemas/errors.ts'
import { decodeFrame } from '../../schemas/frame.ts'
import type { LogRecord } from '../../schemas/ports/log.ts'
import type { Reading } from '../../schemas/reading.ts'

export type ReadRecord = {
  readonly partition: number
  readonly offset: number
  readonly readings: readonly Reading[]
}

/** @throws InvariantError for a record that is no frame: only the door writes into this topic. */
export function decodeRecord({ position, value }: LogRecord): ReadRecord {
  const { partition, offset } = position
  try {
    return { partition, offset, readings: decodeFrame(value) }
  } catch (error) {
    const sentence = `Record ${offset} of partition ${partition} is no frame of readings.`
    throw new InvariantError(sentence, { partition, offset }, error)
  }
}
