import { decodeFrame, encodeFrame } from '../../../schemas/reading/frame.ts'
import type { Reading } from '../../../schemas/reading/reading.ts'
import type { Draft } from '../draft.ts'
import type { RawRow } from './rawRow.ts'

/**
 * The rows of a frame. The bytes of a row are the frame of that row alone.
 *
 * @throws InvalidArgumentError when the bytes are not a frame.
 */
export function* rowsOfFrame(body: Uint8Array): Generator<RawRow> {
  const readings = decodeFrame(body)
  for (const [index, reading] of readings.entries()) {
    yield {
      index,
      place: { line: index + 1, column: '', value: '' },
      readAs: { kind: 'frame' },
      content: draftOfReading(reading),
      get original() {
        return encodeFrame([reading])
      },
    }
  }
}

function draftOfReading(reading: Reading): Draft {
  const isQuality = reading.quality >= 0 && reading.quality <= 2
  return {
    missing: null,
    unknown: null,
    extraCell: null,
    meter: reading.meter,
    start: reading.startMs,
    durationS: reading.durationS,
    malformed: isQuality ? null : { field: 'quality', value: reading.quality },
    energyMwh: BigInt(reading.energyMwh),
    powerW: reading.powerW,
    reactiveVar: reading.reactiveVar,
    quality: reading.quality,
    revision: reading.revision,
  }
}
