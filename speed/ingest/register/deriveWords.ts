import { intervalAt } from '../../../schemas/meter/grid.ts'
import type { Reading } from '../../../schemas/reading/reading.ts'
import { compareRegisters, type KeptRegister } from '../../../schemas/reading/register.ts'
import { type EpochMs, isoUtc, type TimeRange } from '../../../schemas/time.ts'
import { energyMwh } from '../../../schemas/units.ts'
import { type Refusal, refuse } from '../refusal.ts'
import {
  type Enrolled,
  intervalsOf,
  type Judged,
  judgeSeries,
  type RegisterGap,
  type RegisterInterval,
} from './judgeSeries.ts'
import { spikeMax } from './meterExchange.ts'

/** A word about an interval, and the ingests that it rests on: it is withdrawn with any of them. */
export type DerivedWord = {
  readonly word: Omit<Reading, 'ingest'>
  /** In order, without ''. */
  readonly ingests: readonly string[]
}

/** What becomes of one register. */
export type RegisterFound = {
  readonly gap: RegisterGap | null
  readonly refusal: Refusal | null
}

export type Derived = {
  /** In the order of time. */
  readonly words: readonly DerivedWord[]
  /** `[fresh]` */
  readonly found: readonly RegisterFound[]
}

/** Registers of one meter and source: those that are there, one for each instant, in order. */
export type Coming = {
  /** Some more on either side than change. */
  readonly stored: readonly KeptRegister[]
  /** In the order of their request. */
  readonly fresh: readonly KeptRegister[]
  /** Those that were there before the fresh ones: `stored`, unless these came once already. */
  readonly earlier: readonly KeptRegister[]
}

/**
 * What is to be said when registers of a meter come to those that are there: the intervals that
 * they bound, what else changes by them, and that an interval is missing after all.
 *
 * What is said in the end is a function of all registers, whatever the order they came in
 * (`judgeSeries`). What they say again is said again, and is a duplicate. Of fresh ones that came
 * once already it is not known whether what changed since they did was said.
 */
export function deriveWords({ stored, fresh, earlier }: Coming, enrolled: Enrolled): Derived {
  const merged = countingRegisters([...stored, ...fresh])
  const before = judgeSeries(earlier, enrolled)
  const after = judgeSeries(merged, enrolled)
  const instants = new Set(fresh.map(({ atMs }) => atMs))
  const states = [intervalsOf(before)]
  if (earlier !== stored) states.push(intervalsOf(judgeSeries(stored, enrolled)))
  const now = intervalsOf(after)
  const words: DerivedWord[] = []
  for (const [startMs, each] of now) {
    const isBound = instants.has(startMs) || instants.has(each.to.atMs)
    const isNew = states.some((was) => !isSame(each, was.get(startMs)))
    if (isBound || isNew) words.push(wordOf(each))
  }
  const gone = new Map(states.flatMap((was) => [...was].filter(([startMs]) => !now.has(startMs))))
  for (const each of gone.values()) words.push(voidOf(each))
  const found = foundOf({ fresh, merged, after, earlier, before })
  return { words: words.sort((left, right) => left.word.startMs - right.word.startMs), found }
}

/**
 * What is to be said of a time after registers were taken out: every interval that the others
 * bound, and that one is missing whose registers are there and make none. Words that rested on what
 * was taken out are withdrawn by their ingests.
 *
 * @param left Those that are left, and some more on either side of the time.
 */
export function reviseWords(
  left: readonly KeptRegister[],
  enrolled: Enrolled,
  { startMs, endMs }: TimeRange,
): readonly DerivedWord[] {
  const now = intervalsOf(judgeSeries(left, enrolled))
  const at = new Map(left.map((each) => [each.atMs, each]))
  const first = left.filter(({ atMs }) => atMs < startMs).length - besideMax
  const last = left.filter(({ atMs }) => atMs <= endMs).length + besideMax
  return left.flatMap((from, place): DerivedWord[] => {
    const own = intervalAt(enrolled, from.atMs)
    if (own.startMs !== from.atMs || place < first || place > last) return []
    const each = now.get(from.atMs)
    if (each) return [wordOf(each)]
    const to = at.get(own.endMs)
    return to ? [voidOf({ from, to, energyMwh: 0 })] : []
  })
}

/** So far away a register may still decide what others are good for. */
const besideMax = 2 * spikeMax

/** For each instant the one that counts, in the order of time. */
export function countingRegisters(registers: readonly KeptRegister[]): readonly KeptRegister[] {
  const counting = new Map<EpochMs, KeptRegister>()
  for (const each of registers) {
    const known = counting.get(each.atMs)
    if (!known || compareRegisters(each, known) > 0) counting.set(each.atMs, each)
  }
  return [...counting.values()].sort((left, right) => left.atMs - right.atMs)
}

function isSame(left: RegisterInterval, right: RegisterInterval | undefined): boolean {
  return right?.to.atMs === left.to.atMs && right.energyMwh === left.energyMwh
}

/** It is said as its later register is. */
function wordOf({ from, to, energyMwh: energy }: RegisterInterval): DerivedWord {
  const { atMs: _, valueMwh, stepS, rule, version, ingest, ...said } = to
  const durationS = (to.atMs - from.atMs) / 1000
  const interval = { startMs: from.atMs, durationS, energyMwh: energyMwh(energy), isVoid: false }
  return { word: { ...said, ...interval }, ingests: together([from.ingest, ingest]) }
}

/**
 * Later than what was said by the same registers, so that it counts. It does not rest on what made
 * it void: once that is withdrawn, `reviseWords` says what holds as far as it reached.
 */
function voidOf(interval: RegisterInterval): DerivedWord {
  const { word, ingests } = wordOf(interval)
  const none = { energyMwh: energyMwh(0), powerW: null, reactiveVar: null, isVoid: true }
  return { word: { ...word, ...none }, ingests }
}

function together(ingests: readonly string[]): string[] {
  return [...new Set(ingests)].filter((ingest) => ingest !== '').sort()
}

type Finding = {
  readonly fresh: readonly KeptRegister[]
  readonly merged: readonly KeptRegister[]
  readonly after: readonly Judged[]
  readonly earlier: readonly KeptRegister[]
  readonly before: readonly Judged[]
}

function foundOf({ fresh, merged, after, earlier, before }: Finding): RegisterFound[] {
  const own = new Map(merged.map((each, place) => [each.version, after[place]!]))
  const found = fresh.map(
    ({ version }): { -readonly [Of in keyof RegisterFound]: RegisterFound[Of] } => {
      const judged = own.get(version)
      if (!judged) return { gap: 'repeated-register', refusal: null }
      return {
        gap: 'gap' in judged ? judged.gap : null,
        refusal: 'refusal' in judged ? judged.refusal : null,
      }
    },
  )
  const refusedBefore = earlier.filter((_, place) => 'refusal' in before[place]!)
  const wasRefused = new Set(refusedBefore.map(({ version }) => version))
  const places = new Map(fresh.map(({ version }, place) => [version, place]))
  // One that is there already is refused with the one before it that is not: nothing is silent.
  merged.forEach((each, place) => {
    const judged = after[place]!
    if (!('refusal' in judged) || places.has(each.version) || wasRefused.has(each.version)) return
    const near = merged.slice(0, place).findLast(({ version }) => places.has(version))
    const cause = near && found[places.get(near.version)!]!
    if (cause) cause.refusal ??= refuse('register-spike', { which: `at ${isoUtc(each.atMs)}` })
  })
  return found
}
