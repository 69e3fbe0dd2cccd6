import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { LogRecord } from '../../schemas/logRecord.ts'
import type { Act } from '../../schemas/reading/acts.ts'
import { decodeColumns, noColumns } from '../../schemas/reading/frame.ts'
import type { ReadingColumns } from '../../schemas/reading/readingColumns.ts'
import type { EpochMs } from '../../schemas/time.ts'

export type ReadRecord = {
  readonly partition: number
  readonly offset: number
  readonly loggedMs: EpochMs
  /** Without rows: an act, or bytes that are not a frame. */
  readonly columns: ReadingColumns
  readonly act: Act | null
  /** False for bytes that are not a frame: something else wrote to the topic. */
  readonly isFrame: boolean
}

/**
 * The readings of a record. Bytes that are not a frame count as one rejected reading and do not
 * stop the layer; the archive keeps them with the dead letters.
 */
export function decodeRecord({ position, loggedMs, value }: LogRecord): ReadRecord {
  const { partition, offset } = position
  try {
    const { columns, act } = decodeColumns(value)
    return { partition, offset, loggedMs, columns, act, isFrame: true }
  } catch (error) {
    if (error instanceof InvalidArgumentError || error instanceof RangeError) {
      return { partition, offset, loggedMs, columns: noColumns, act: null, isFrame: false }
    }
    throw error
  }
}
