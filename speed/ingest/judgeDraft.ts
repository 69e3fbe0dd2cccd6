import { isMeterId } from '../../schemas/ids.ts'
import {
  type Quality,
  type Reading,
  type Standing,
  standingOf,
} from '../../schemas/reading/reading.ts'
import { noRule, type RegisterRead } from '../../schemas/reading/register.ts'
import { energyMwh } from '../../schemas/units.ts'
import { type Draft, knownFields } from './draft.ts'
import { ingestLimits } from './limits.ts'
import { type Refusal, refuse } from './refusal.ts'

/** Source of a request's readings, and the ingest they belong to; '' for none. */
export type SaidBy = Pick<Reading, 'source' | 'ingest'>

export const noSource: SaidBy = { source: '', ingest: '' }

type Check = (draft: Draft, nowMs: number) => Refusal | null

/**
 * In the order of `rejectReasons`: the first that applies is reported. What a meter's enrolment
 * says against a reading comes after all of them (`judgeMeter`).
 */
const checks: readonly Check[] = [
  checkMissing,
  checkUnknown,
  checkMeter,
  checkStart,
  checkDuration,
  checkNumbers,
  checkRange,
  checkFuture,
  checkSaid,
]

/**
 * The reading of a draft, or the first rule it breaks. The routes check afterwards whether the
 * meter is enrolled, and whether it can have that reading (`judgeMeter`).
 */
export function judgeDraft(draft: Draft, nowMs: number, by: SaidBy = noSource): Reading | Refusal {
  const refusal = refusalOf(draft, nowMs)
  if (refusal) return refusal
  return {
    meter: draft.meter as Reading['meter'],
    startMs: draft.start as number,
    durationS: draft.durationS,
    energyMwh: energyMwh(Number(draft.energyMwh)),
    powerW: draft.powerW,
    reactiveVar: draft.reactiveVar,
    quality: draft.quality as Quality,
    standing: (draft.standing ?? standingOf(draft.quality)) as Standing,
    revision: draft.revision,
    saidAtMs: draft.saidAt as number | null,
    isVoid: draft.isVoid,
    source: by.source,
    ingest: by.ingest,
  }
}

/** The same of a draft with a register. What it is good for, the registers beside it say. */
export function judgeRegister(
  draft: Draft,
  nowMs: number,
  by: SaidBy = noSource,
): RegisterRead | Refusal {
  const refusal = refusalOf(draft, nowMs)
  if (refusal) return refusal
  return {
    meter: draft.meter as Reading['meter'],
    atMs: draft.start as number,
    valueMwh: energyMwh(Number(draft.energyMwh)),
    stepS: Number.isNaN(draft.durationS) ? null : draft.durationS,
    rule: draft.register ?? noRule,
    powerW: draft.powerW,
    reactiveVar: draft.reactiveVar,
    quality: draft.quality as Quality,
    standing: (draft.standing ?? standingOf(draft.quality)) as Standing,
    revision: draft.revision,
    saidAtMs: draft.saidAt as number | null,
    source: by.source,
    ingest: by.ingest,
  }
}

function refusalOf(draft: Draft, nowMs: number): Refusal | null {
  for (const check of checks) {
    const refusal = check(draft, nowMs)
    if (refusal) return refusal
  }
  return null
}

export function isRefusal(outcome: Reading | RegisterRead | Refusal): outcome is Refusal {
  return 'reason' in outcome
}

function checkMissing({ missing }: Draft): Refusal | null {
  return missing === null ? null : refuse('field-missing', { field: missing })
}

function checkUnknown({ unknown, extraCell }: Draft): Refusal | null {
  if (unknown !== null) return refuse('field-unknown', { field: unknown, known: knownFields })
  return extraCell === null ? null : refuse('cell-without-column', { cell: extraCell })
}

function checkMeter({ meter }: Draft): Refusal | null {
  return isMeterId(meter) ? null : refuse('meter-id', { meter })
}

function checkStart({ start }: Draft): Refusal | null {
  if (typeof start !== 'number') return start
  const isGood = Number.isSafeInteger(start) && start >= 0 && start <= startMsMax
  if (!isGood) return refuse('not-epoch-ms', { start })
  return start >= ingestLimits.startMsMin ? null : refuse('clock-reset', { startMs: start })
}

function checkDuration({ durationS, register }: Draft): Refusal | null {
  const { durationSMax } = ingestLimits
  if (register && Number.isNaN(durationS)) return null
  const isGood = Number.isInteger(durationS) && durationS >= 1 && durationS <= durationSMax
  return isGood ? null : refuse('duration', { durationS })
}

function checkNumbers({ malformed }: Draft): Refusal | null {
  if (malformed === null) return null
  const { field } = malformed
  const words = {
    quality: 'quality',
    standing: 'standing',
    void: 'void',
    register_rule: 'register-rule',
  } as const
  const which = Object.hasOwn(words, field) ? words[field as keyof typeof words] : 'not-decimal'
  return refuse(which, malformed)
}

function checkRange(draft: Draft): Refusal | null {
  const { powerWMax, revisionMax } = ingestLimits
  const { durationS, revision, register } = draft
  if (register) {
    const value = draft.energyMwh
    if (!Number.isSafeInteger(Number(value))) return refuse('register-size', { value })
  } else if (!isPlausible(draft.energyMwh, durationS)) return refuse('mean-power', { durationS })
  const powers = { power_w: draft.powerW ?? 0, reactive_var: draft.reactiveVar ?? 0 }
  for (const [field, value] of Object.entries(powers)) {
    if (!(Math.abs(value) <= powerWMax)) return refuse('power', { field, value })
  }
  if (Number.isInteger(revision) && revision >= 0 && revision <= revisionMax) return null
  return refuse('revision', { value: revision })
}

/** Whether an energy is a mean power that a meter can have. */
export function isPlausible(energyMwh: bigint, durationS: number): boolean {
  // mWh * 3.6 / s is W; both sides are multiplied by ten to stay in integers.
  const magnitude = energyMwh < 0n ? -energyMwh : energyMwh
  return magnitude * 36n <= BigInt(ingestLimits.powerWMax) * BigInt(durationS) * 10n
}

function checkFuture({ start, durationS, register }: Draft, nowMs: number): Refusal | null {
  const endMs = (start as number) + (register ? 0 : durationS * 1000)
  return endMs <= nowMs + ingestLimits.futureMsMax ? null : refuse('future', { endMs, nowMs })
}

/** A source whose clock is ahead would have the last word for as long. */
function checkSaid({ saidAt }: Draft, nowMs: number): Refusal | null {
  if (saidAt === null) return null
  const refusal = typeof saidAt === 'number' ? saidRefusal(saidAt, nowMs) : saidAt
  return refusal && { ...refusal, member: 'said_at' }
}

function saidRefusal(saidAt: number, nowMs: number): Refusal | null {
  const { saidAheadMsMax, startMsMin } = ingestLimits
  // 1970 would be no instant at all in a frame, and so the latest word.
  if (saidAt < startMsMin) return refuse('clock-reset', { startMs: saidAt })
  return saidAt <= nowMs + saidAheadMsMax ? null : refuse('said-future', { saidMs: saidAt, nowMs })
}

/** The last millisecond of 9999, the last year that ISO 8601 writes in four digits. */
const startMsMax = 253_402_300_799_999
