import { ContradictionError, TwoAnswersError } from '../../../schemas/errors/profile.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import type { Evidence } from '../table/table.ts'
import type { Entry } from './cellsOfRows.ts'
import { endOf, type Step, type StepFinding, startOf } from './findStep.ts'
import { placeSequence } from './placeSequence.ts'
import type { Placed, RepeatedHour, StampRefusal } from './placeStamps.ts'
import { readDuration } from './readDuration.ts'
import type { Stamp, StampReader } from './stamp.ts'
import type { Zone } from './zone.ts'

export type TimeOptions = {
  readonly reader: StampReader
  readonly endReader: StampReader | null
  readonly zone: Zone
  readonly repeatedHour: RepeatedHour
  readonly isEnd: boolean
  /** An end is a step behind its start on the clock, as in files with a row a day. */
  readonly isClockOfStart: boolean
  readonly stepS: number | undefined
  readonly durationHeader: string | null
  readonly durationUnit: 's' | 'min' | undefined
  /** Registers are at instants: no step is needed. */
  readonly isRegister: boolean
}

export type Timed = {
  readonly steps: ReadonlyMap<string, Step | null>
  readonly evidence: readonly Evidence[]
}

type Sequence = {
  readonly key: string
  readonly entries: readonly Entry[]
  readonly placed: readonly (Placed | null)[]
  readonly finding: StepFinding
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

function readAnchor({ text, addMs }: Entry['anchor'], reader: StampReader): Stamp | null {
  const stamp = reader.read(text)
  return stamp && addMs > 0 ? { ...stamp, wallMs: stamp.wallMs + addMs } : stamp
}

function checkSaidStep(
  timed: readonly Sequence[],
  { stepS, lengths }: TimeOptions & { readonly lengths: Lengths },
): void {
  if (stepS === undefined) return
  const found = lengths.isGiven
    ? timed.flatMap(({ entries, placed }) => lengthsOf(entries, placed, lengths))
    : timed.flatMap(({ finding }) => finding.found?.stepS ?? [])
  if (found.length === 0 || found.includes(stepS)) return
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
    return stepS === undefined ? [] : [{ field: 'step', value: `${stepS} s`, why: 'said' }]
  }
  return [...counts].map(([value, count]) => {
    const why = count === 1 ? 'found in the stamps' : `found in the stamps of ${count} series`
    return { field: 'step', value, why }
  })
}

type Lengths = {
  /** Each row has an end or a duration. */
  readonly isGiven: boolean
  readonly secondsOf: (entry: Entry, startMs: EpochMs) => number | null
  readonly evidence: readonly Evidence[]
}

/** How the rows give their own lengths, if they do. */
function readLengths(timed: readonly Sequence[], options: TimeOptions): Lengths {
  const all = timed.flatMap(({ entries }) => entries)
  const step = timed.find(({ finding }) => finding.found !== null)?.finding.found?.stepS ?? null
  const hasEnds = options.endReader !== null && all.some(({ end }) => end !== null)
  if (hasEnds) return lengthsOfEnds(all, step, options)
  const texts = [...new Set(all.map(({ durationText }) => durationText))]
  if (texts.every((text) => text === '')) {
    return { isGiven: false, secondsOf: () => null, evidence: [] }
  }
  const scale = scaleOfDurations(texts, step, options)
  const secondsOf = ({ durationText }: Entry) => readDuration(durationText, scale)
  const value = scale === 60 ? 'minutes' : 'seconds'
  const evidence = [
    { field: 'duration', value, why: `such as "${texts[0]}" in a column of its own` },
  ]
  return { isGiven: true, secondsOf, evidence }
}

/** Numbers are seconds or minutes: the name of the column says it, or the step of the stamps. */
function scaleOfDurations(
  texts: readonly string[],
  step: number | null,
  { durationHeader, durationUnit }: TimeOptions,
): 1 | 60 {
  if (durationUnit !== undefined) return durationUnit === 's' ? 1 : 60
  const name = (durationHeader ?? '').toLowerCase()
  if (/(_s|seconds?|secs?|\(s\))$/.test(name)) return 1
  if (/(_min|minutes?|mins?|\(min\))$/.test(name)) return 60
  const number = texts.find((text) => /^\d+$/.test(text))
  if (number === undefined) return 1
  const seconds = new Set(texts.map((text) => readDuration(text, 1)))
  const minutes = new Set(texts.map((text) => readDuration(text, 60)))
  if (Number(number) * 60 > dayS) return 1
  if (step !== null && seconds.has(step) !== minutes.has(step)) return seconds.has(step) ? 1 : 60
  throw new TwoAnswersError({
    field: 'durationUnit',
    left: 'seconds',
    right: 'minutes',
    example: `The duration ${number}`,
  })
}

/** An end such as 00:29 or 00:29:59 is the last minute or second of its interval. */
function lengthsOfEnds(
  entries: readonly Entry[],
  step: number | null,
  options: TimeOptions,
): Lengths {
  const { reader, endReader } = options
  const plain = (entry: Entry): number | null => {
    const start = readAnchor(entry.anchor, reader)
    const end = entry.end && endReader ? readAnchor(entry.end, endReader) : null
    if (!start || !end) return null
    const isAbsolute = start.offsetMs !== null && end.offsetMs !== null
    const left = isAbsolute ? start.wallMs - start.offsetMs! : start.wallMs
    const right = isAbsolute ? end.wallMs - end.offsetMs! : end.wallMs
    return (right - left) / 1000
  }
  const counts = new Map<number, number>()
  for (const entry of entries) {
    const length = plain(entry)
    if (length !== null) counts.set(length, (counts.get(length) ?? 0) + 1)
  }
  const [usual = 0] = [...counts].sort((left, right) => right[1] - left[1])[0] ?? []
  const added = [60, 1].find((each) => (usual + each) % 300 === 0) ?? 0
  const value = added === 0 ? 'end' : `last ${added === 60 ? 'minute' : 'second'}`
  const why = `rows are ${usual + added} s long`
  const evidence = [{ field: 'columns.end', value, why }]
  return {
    isGiven: true,
    evidence,
    secondsOf: (entry, startMs) => {
      const end = entry.end && endReader ? readAnchor(entry.end, endReader) : null
      const lengthS = plain(entry)
      if (!end || lengthS === null) return null
      const isNextDay = lengthS < 0 && lengthS + dayS === usual
      const wallMs = end.wallMs + (isNextDay ? dayS * 1000 : 0)
      const instants =
        end.offsetMs === null ? options.zone.instantsOf(wallMs) : [wallMs - end.offsetMs]
      const lengths = instants.map((ms) => (ms - startMs) / 1000 + added).filter((each) => each > 0)
      // The clocks may skip the end of an interval, and repeat it.
      if (instants.length === 0) return lengthS + added
      return lengths.find((each) => each === step) ?? lengths[0] ?? null
    },
  }
}

const dayS = 86_400

type SetOptions = TimeOptions & { readonly lengths: Lengths; readonly said: Step | null }

function setSequence(sequence: Sequence, options: SetOptions): void {
  const { entries, placed, finding } = sequence
  entries.forEach((entry, at) => {
    const where = placed[at] ?? null
    if (where === null) entry.refusal = unreadable(entry, options.reader)
    else if (typeof where !== 'number') entry.refusal = where
    else if (options.isRegister) entry.startMs = where
    else placeEntry(entry, where, { ...options, finding })
  })
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
      const text = entry.end?.text ?? entry.durationText
      entry.refusal = {
        reason: 'bad-duration',
        detail: `"${text}" gives the row no length. Correct its end or duration.`,
      }
      return
    }
    const nextS = finding.distances.get(stampMs)
    if (nextS !== undefined && seconds > nextS) {
      const detail = `The row is ${seconds} s long, and the next one begins after ${nextS} s.`
      entry.refusal = { reason: 'bad-duration', detail: `${detail} Correct its length or stamp.` }
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
  { finding, stepS }: SetOptions & { readonly finding: StepFinding },
): StampRefusal | null {
  if (step === null) {
    const detail =
      finding.oddS === undefined
        ? 'One stamp does not show how long its interval is: say step, such as 1800.'
        : `The stamps are ${finding.oddS} s apart, which does not divide a day: say step, such ` +
          'as 1800, or give each row its end or duration.'
    return { reason: 'bad-duration', detail }
  }
  if (stepS !== undefined && step.stepS !== stepS) {
    const detail = `The step is said to be ${stepS} s, and the stamps are ${step.stepS} s apart.`
    return { reason: 'bad-duration', detail: `${detail} Correct or leave out step.` }
  }
  const other = finding.others.get(stampMs)
  if (other === undefined || (stepS !== undefined && other % stepS === 0)) return null
  const detail =
    `The next stamp of the series is ${other} s away, and its step is ${step.stepS} s. Give rows ` +
    'of another step in a file of their own, or each row its end or duration.'
  return { reason: 'bad-duration', detail }
}

function unreadable({ anchor }: Entry, { pattern }: StampReader): StampRefusal {
  const detail =
    anchor.text === ''
      ? 'The row has no stamp. Give it one.'
      : `"${anchor.text}" is no stamp of the pattern ${pattern}. Correct it, or say dateFormat.`
  return { reason: 'bad-timestamp', detail }
}
