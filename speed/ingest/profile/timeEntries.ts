import { ContradictionError, StampsUnevenError } from '../../../schemas/errors/profile.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { Evidence } from '../table/table.ts'
import type { Entry } from './cellsOfRows.ts'
import { endOf, type Step, type StepFinding, startOf } from './findStep.ts'
import { placeSequence } from './placeSequence.ts'
import type { Placed } from './placeStamps.ts'
import {
  type Lengths,
  readAnchor,
  readLengths,
  type Sequence,
  type TimeOptions,
} from './rowLengths.ts'
import type { StampReader } from './stamp.ts'

export type Timed = {
  readonly steps: ReadonlyMap<string, Step | null>
  readonly evidence: readonly Evidence[]
}

/**
 * Sets start and length of each entry, or why it has none.
 *
 * A length that the row itself gives (an end or a duration) counts; else the step of the series,
 * which is found in its stamps.
 *
 * @throws ContradictionError where the step that was said is in no series.
 */
export function timeEntries(
  sequences: ReadonlyMap<string, readonly Entry[]>,
  options: TimeOptions,
): Timed {
  const { reader } = options
  const timed = [...sequences].map(([key, entries]): Sequence => {
    const stamps = entries.map(({ anchor }) => readAnchor(anchor, reader))
    return { key, entries, ...placeSequence(stamps, options) }
  })
  const lengths = readLengths(timed, options)
  const evidence = [...lengths.evidence]
  if (!options.isRegister) checkSaidStep(timed, { ...options, lengths })
  // The end of a row is a step behind its stamp, whatever length it has of its own.
  else if (options.isRegisterAtEnd) checkSaidStep(timed, { ...options, lengths: notGiven })
  const steps = new Map<string, Step | null>()
  for (const sequence of timed) {
    const { found } = sequence.finding
    const said = options.stepS === undefined ? null : { stepS: options.stepS, isLocalDay: false }
    steps.set(sequence.key, found ?? said)
    setSequence(sequence, { ...options, lengths, said })
  }
  if (!options.isRegister) evidence.push(...stepEvidence(timed, options))
  return { steps, evidence }
}

const notGiven: Lengths = { isGiven: false, secondsOf: () => null, evidence: [] }

function checkSaidStep(
  timed: readonly Sequence[],
  { stepS, lengths }: TimeOptions & { readonly lengths: Lengths },
): void {
  if (stepS === undefined) return
  const found = lengths.isGiven
    ? timed.flatMap(({ entries, placed }) => lengthsOf(entries, placed, lengths))
    : timed.flatMap(({ finding }) => finding.found?.stepS ?? [])
  if (found.length === 0 || found.includes(stepS)) return
  if (!lengths.isGiven && found.every((each) => dayS % each !== 0)) {
    throw new StampsUnevenError({ apartS: found[0]!, stepS })
  }
  const where = lengths.isGiven ? 'the rows are' : 'the stamps are'
  const distance = lengths.isGiven ? `${found[0]} s long` : `${found[0]} s apart`
  throw new ContradictionError({ field: 'step', said: `${stepS} s`, found: distance, where })
}

function lengthsOf(
  entries: readonly Entry[],
  placed: readonly (Placed | null)[],
  { secondsOf }: Lengths,
): number[] {
  return entries.flatMap((entry, at) => {
    const where = placed[at]
    return typeof where === 'number' ? (secondsOf(entry, where) ?? []) : []
  })
}

function stepEvidence(timed: readonly Sequence[], { stepS }: TimeOptions): Evidence[] {
  const counts = new Map<string, number>()
  for (const { finding } of timed) {
    if (finding.found === null) continue
    const { stepS: found, isLocalDay } = finding.found
    const name = isLocalDay ? 'a local day' : `${found} s`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  if (counts.size === 0) {
    return stepS === undefined ? [] : [{ field: 'step', value: `${stepS} s`, why: 'set' }]
  }
  return [...counts].map(([value, count]) => {
    const why = count === 1 ? 'found in the stamps' : `found in the stamps of ${count} series`
    return { field: 'step', value, why }
  })
}

const dayS = 86_400

type SetOptions = TimeOptions & { readonly lengths: Lengths; readonly said: Step | null }

function setSequence(sequence: Sequence, options: SetOptions): void {
  const { entries, placed, finding } = sequence
  entries.forEach((entry, at) => {
    const where = placed[at] ?? null
    if (where === null) entry.refusal = unreadable(entry, options.reader)
    else if (typeof where !== 'number') entry.refusal = where
    else if (options.isRegisterAtEnd) placeRegister(entry, where, { ...options, finding })
    else if (options.isRegister) entry.startMs = where
    else placeEntry(entry, where, { ...options, finding })
  })
}

/** At the end of its step, which the stamps have to be apart. */
function placeRegister(
  entry: Entry,
  stampMs: EpochMs,
  options: SetOptions & { readonly finding: StepFinding },
): void {
  const { finding, said, zone } = options
  const step = finding.found ?? said
  const refusal = refusalOfStep(stampMs, step, options)
  if (step === null || refusal) entry.refusal = refusal
  else entry.startMs = endOf(stampMs, step, zone)
}

function placeEntry(
  entry: Entry,
  stampMs: EpochMs,
  options: SetOptions & { readonly finding: StepFinding },
): void {
  const { finding, lengths, said, isEnd, zone } = options
  if (lengths.isGiven) {
    const seconds = lengths.secondsOf(entry, stampMs)
    if (seconds === null || !(seconds > 0)) {
      entry.refusal = refuse('row-without-length', { text: entry.end?.text ?? entry.durationText })
      return
    }
    const nextS = finding.distances.get(stampMs)
    if (nextS !== undefined && seconds > nextS) {
      entry.refusal = refuse('row-beyond-next', { durationS: seconds, nextS })
      return
    }
    entry.durationS = seconds
    entry.startMs = isEnd ? stampMs - seconds * 1000 : stampMs
    return
  }
  const step = finding.found ?? said
  const refusal = refusalOfStep(stampMs, step, options)
  if (step === null || refusal) {
    entry.refusal = refusal
    return
  }
  entry.startMs = isEnd ? startOf(stampMs, step, zone) : stampMs
  const endMs = isEnd ? stampMs : endOf(stampMs, step, zone)
  entry.durationS = (endMs - entry.startMs) / 1000
}

function refusalOfStep(
  stampMs: EpochMs,
  step: Step | null,
  { finding, stepS, isRegister }: SetOptions & { readonly finding: StepFinding },
): Refusal | null {
  if (step === null) {
    const { oddS: apartS } = finding
    return apartS === undefined ? refuse('one-stamp') : refuse('uneven-stamps', { apartS })
  }
  if (stepS !== undefined && step.stepS !== stepS) {
    return refuse('step-set', { setS: stepS, foundS: step.stepS })
  }
  const other = finding.others.get(stampMs)
  // Rows that are missing leave energies where they are; a register may be at the end of them.
  const isGap = !isRegister && stepS !== undefined && other !== undefined && other % stepS === 0
  if (other === undefined || isGap) return null
  return refuse('step-of-row', { rowS: other, seriesS: step.stepS })
}

function unreadable({ anchor }: Entry, { pattern }: StampReader): Refusal {
  const { text } = anchor
  return text === '' ? refuse('no-stamp') : refuse('stamp-pattern', { text, pattern })
}
