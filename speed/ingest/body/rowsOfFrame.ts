import { decodeSentFrame, encodeFrame } from '../../../schemas/reading/frame.ts'
import type { FrameRow } from '../../../schemas/reading/readingColumns.ts'
import type { RosterOf } from '../../../schemas/reading/roster.ts'
import { energyMwh } from '../../../schemas/units.ts'
import { parseDecimal, toWholeHalfEven } from '../decimal.ts'
import { type Draft, mwhPerWatt } from '../draft.ts'
import type { RawRow } from './rawRow.ts'

/**
 * The rows of a frame. The bytes of a row are the frame of that row alone.
 *
 * @throws InvalidArgumentError when the bytes are not a frame; UnknownRosterError.
 */
export function* rowsOfFrame(body: Uint8Array, rosterOf?: RosterOf): Generator<RawRow> {
  for (const [index, row] of decodeSentFrame(body, rosterOf).entries()) {
    yield {
      index,
      place: { line: index + 1, column: '', value: '' },
      readAs: { kind: 'frame' },
      content: draftOfRow(row),
      by: { source: row.source, ingest: row.ingest },
      get original() {
        return originalOf(row)
      },
    }
  }
}

function draftOfRow(row: FrameRow): Draft {
  const isQuality = row.quality >= 0 && row.quality <= 2
  const isStanding = row.standing >= 0 && row.standing <= 2
  const malformed = isQuality
    ? { field: 'standing', value: row.standing }
    : { field: 'quality', value: row.quality }
  return {
    missing: row.energyMwh === null && row.powerW === null && !row.isVoid ? 'energy_wh' : null,
    unknown: null,
    extraCell: null,
    meter: row.meter,
    start: row.startMs,
    durationS: row.durationS,
    malformed: isQuality && isStanding ? null : malformed,
    energyMwh: row.isVoid ? 0n : energyOf(row),
    powerW: row.powerW,
    reactiveVar: row.reactiveVar,
    quality: row.quality,
    standing: row.standing,
    revision: row.revision,
    saidAt: row.saidAtMs,
    isVoid: row.isVoid,
  }
}

/** The mean power as the shortest decimal that it is the nearest single-precision number of. */
function energyOf({ energyMwh: energy, powerW, durationS }: FrameRow): bigint {
  if (energy !== null) return BigInt(energy)
  const power = powerW === null ? null : parseDecimal(shortestOf(powerW))
  return power ? toWholeHalfEven(power, mwhPerWatt(durationS)) : 0n
}

function shortestOf(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(value)
}

/** A row that could not be encoded again is kept without what was wrong. */
function originalOf(row: FrameRow): Uint8Array {
  const quality = Math.min(row.quality, 2) as 0 | 1 | 2
  const standing = Math.min(row.standing, 2) as 0 | 1 | 2
  const energy = energyMwh(row.energyMwh ?? 0)
  return encodeFrame([{ ...row, quality, standing, energyMwh: energy }])
}
