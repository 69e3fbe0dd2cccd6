import type { EpochMs } from '../time.ts'
import type { EnergyMwh } from '../units.ts'
import type { Reading } from './reading.ts'

/**
 * What a source says that the cumulative register of a meter showed at an instant. The energy of an
 * interval is the difference of two. Of several for one instant one counts (`compareRegisters`).
 */
export type RegisterRead = Omit<Reading, 'startMs' | 'durationS' | 'energyMwh' | 'isVoid'> & {
  readonly atMs: EpochMs
  /** Signed: negative where what is fed in counts up. */
  readonly valueMwh: EnergyMwh
  /** Length of the interval that it ends, where its file shows it. */
  readonly stepS: number | null
  readonly rule: RegisterRule
}

/** How the registers of one meter are to be differenced. */
export type RegisterRule = {
  /** The value at which it rolls over to zero; null where it never does. */
  readonly capacityMwh: bigint | null
  /** Windows in which the meter was exchanged or its register reset. */
  readonly resets: readonly RegisterReset[]
}

export type RegisterReset = {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** Without a sign: of the old meter when it went, and of the new one when it came. */
  readonly parts: { readonly endMwh: bigint; readonly startMwh: bigint } | null
}

export const noRule: RegisterRule = { capacityMwh: null, resets: [] }

/** A register as it is stored. */
export type KeptRegister = RegisterRead & {
  /** When it was taken, µs since 1970; no two of a meter have the same. */
  readonly version: number
}

/** What decides which of two registers for one instant counts. */
export type RegisterRank = Pick<KeptRegister, 'revision' | 'standing' | 'saidAtMs' | 'version'>

/**
 * Positive when `left` counts: in the order of words (`compareOwnWords`). `registers.sql` has the
 * same order.
 */
export function compareRegisters(left: RegisterRank, right: RegisterRank): number {
  return (
    left.revision - right.revision ||
    left.standing - right.standing ||
    saidMsOf(left) - saidMsOf(right) ||
    left.version - right.version
  )
}

function saidMsOf({ saidAtMs, version }: RegisterRank): EpochMs {
  return saidAtMs ?? Math.floor(version / 1000)
}

type RuleDocument = {
  readonly capacity_mwh?: string
  readonly resets?: readonly {
    readonly from_ms: number
    readonly to_ms: number
    readonly end_mwh?: string
    readonly start_mwh?: string
  }[]
}

/** As text, to keep and to send; '' of a register that is only differenced. */
export function ruleText({ capacityMwh, resets }: RegisterRule): string {
  if (capacityMwh === null && resets.length === 0) return ''
  const document: RuleDocument = {
    ...(capacityMwh === null ? {} : { capacity_mwh: `${capacityMwh}` }),
    ...(resets.length === 0 ? {} : { resets: resets.map(resetDocument) }),
  }
  return JSON.stringify(document)
}

function resetDocument({ fromMs, toMs, parts }: RegisterReset) {
  const own = parts && { end_mwh: `${parts.endMwh}`, start_mwh: `${parts.startMwh}` }
  return { from_ms: fromMs, to_ms: toMs, ...own }
}

/** The rule of such a text; null where it is none. */
export function ruleOfText(text: string): RegisterRule | null {
  if (text === '') return noRule
  try {
    // Each member is looked at below.
    const { capacity_mwh: capacity, resets = [] }: RuleDocument = JSON.parse(text)
    return {
      capacityMwh: capacity === undefined ? null : wholeOf(capacity),
      resets: resets.map(({ from_ms: fromMs, to_ms: toMs, end_mwh: end, start_mwh: start }) => {
        if (!Number.isSafeInteger(fromMs) || !Number.isSafeInteger(toMs)) throw new TypeError()
        const isKnown = end !== undefined && start !== undefined
        const parts = isKnown ? { endMwh: wholeOf(end), startMwh: wholeOf(start) } : null
        return { fromMs, toMs, parts }
      }),
    }
  } catch {
    // Not swallowed: whoever asked refuses the row with its reason.
    return null
  }
}

function wholeOf(text: string): bigint {
  if (typeof text !== 'string' || !/^\d{1,40}$/.test(text)) throw new TypeError()
  return BigInt(text)
}
