import { isMeterId } from '../../schemas/ids.ts'
import type { Quality, Reading, RejectReason } from '../../schemas/reading.ts'
import { isoUtc } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import type { Draft } from './draft.ts'
import { ingestLimits } from './limits.ts'

export type Refusal = { readonly reason: RejectReason; readonly detail: string }

type Check = (draft: Draft, nowMs: number) => Refusal | null

/** In the order of `rejectReasons`: the first that applies is reported. */
const checks: readonly Check[] = [
  checkMissing,
  checkUnknown,
  checkMeter,
  checkStart,
  checkDuration,
  checkAlignment,
  checkNumbers,
  checkSign,
  checkRange,
  checkFuture,
]

/**
 * The reading of a draft, or the first rule it breaks. The routes check afterwards whether the
 * meter is enrolled.
 */
export function judgeDraft(draft: Draft, nowMs: number): Reading | Refusal {
  for (const check of checks) {
    const refusal = check(draft, nowMs)
    if (refusal) return refusal
  }
  return {
    meter: draft.meter as Reading['meter'],
    startMs: draft.start as number,
    durationS: draft.durationS,
    energyMwh: energyMwh(Number(draft.energyMwh)),
    powerW: draft.powerW,
    reactiveVar: draft.reactiveVar,
    quality: draft.quality as Quality,
    revision: draft.revision,
  }
}

export function isRefusal(outcome: Reading | Refusal): outcome is Refusal {
  return 'reason' in outcome
}

export function refuse(reason: RejectReason, detail: string): Refusal {
  const { detailCharsMax } = ingestLimits
  return { reason, detail: detail.length > detailCharsMax ? cut(detail, detailCharsMax) : detail }
}

function checkMissing({ missing }: Draft): Refusal | null {
  return missing === null ? null : refuse('missing-field', `${missing} is not there.`)
}

function checkUnknown({ unknown }: Draft): Refusal | null {
  return unknown === null ? null : refuse('unknown-field', `"${unknown}" is no field of a reading.`)
}

function checkMeter({ meter }: Draft): Refusal | null {
  if (isMeterId(meter)) return null
  return refuse('bad-meter-id', `"${meter}" is no meter id: 1 to 64 of A-Z a-z 0-9 _ . : -`)
}

function checkStart({ start }: Draft): Refusal | null {
  if (typeof start === 'string') return refuse('bad-timestamp', `${start}.`)
  return Number.isSafeInteger(start) && start >= 0 && start <= startMsMax
    ? null
    : refuse('bad-timestamp', `${start} is no whole millisecond since 1970.`)
}

function checkDuration({ durationS }: Draft): Refusal | null {
  const { durationSMax } = ingestLimits
  const isGood = Number.isInteger(durationS) && durationS >= 1 && durationS <= durationSMax
  if (isGood) return null
  return refuse('bad-duration', `duration_s is a whole number of seconds, 1 to ${durationSMax}.`)
}

function checkAlignment({ start, durationS }: Draft): Refusal | null {
  if ((start as number) % (durationS * 1000) === 0) return null
  const stamp = isoUtc(start as number)
  return refuse('misaligned-start', `${stamp} is no multiple of ${durationS} s, counted in UTC.`)
}

function checkNumbers({ malformed }: Draft): Refusal | null {
  return malformed === null ? null : refuse('not-a-number', `${malformed} is no number it can be.`)
}

/** Import only: settlement does not handle export yet and would get it wrong. */
function checkSign({ energyMwh: energy, powerW }: Draft): Refusal | null {
  if (energy >= 0n && (powerW ?? 0) >= 0) return null
  return refuse(
    'negative-energy',
    'Energy and power are import from the grid and cannot be negative.',
  )
}

function checkRange(draft: Draft): Refusal | null {
  const { powerWMax, revisionMax } = ingestLimits
  // mWh * 3.6 / s is W; both sides are multiplied by ten to stay in integers.
  const isPlausible = draft.energyMwh * 36n <= BigInt(powerWMax) * BigInt(draft.durationS) * 10n
  if (!isPlausible) return refuse('out-of-range', `More than ${powerWMax} W on average.`)
  for (const value of [draft.powerW, draft.reactiveVar]) {
    const isWithin = Math.abs(value ?? 0) <= powerWMax
    if (!isWithin) return refuse('out-of-range', `${value} is beyond ${powerWMax} W or var.`)
  }
  const { revision } = draft
  if (Number.isInteger(revision) && revision >= 0 && revision <= revisionMax) return null
  return refuse('out-of-range', `revision is a whole number, 0 to ${revisionMax}.`)
}

function checkFuture({ start, durationS }: Draft, nowMs: number): Refusal | null {
  const endMs = (start as number) + durationS * 1000
  if (endMs <= nowMs + ingestLimits.futureMsMax) return null
  return refuse('in-the-future', `It ends ${isoUtc(endMs)}; it is ${isoUtc(nowMs)} now.`)
}

/** The last millisecond of 9999, the last year that ISO 8601 writes in four digits. */
const startMsMax = 253_402_300_799_999

function cut(text: string, chars: number): string {
  return `${text.slice(0, chars - 1)}…`
}
