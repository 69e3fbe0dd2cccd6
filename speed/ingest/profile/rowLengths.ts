import { TwoAnswersError } from '../../../schemas/errors/profile.ts'
import { CounterAsDurationError } from '../../../schemas/errors/profileField.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import type { Evidence } from '../table/table.ts'
import type { Entry } from './cellsOfRows.ts'
import type { StepFinding } from './findStep.ts'
import type { Placed, RepeatedHour } from './placeStamps.ts'
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
  /** A register was read at the end of the step that its stamp begins. */
  readonly isRegisterAtEnd: boolean
}

/** The rows of one series with the instants of their stamps. */
export type Sequence = {
  readonly key: string
  readonly entries: readonly Entry[]
  readonly placed: readonly (Placed | null)[]
  readonly finding: StepFinding
}

/** How the rows give their own lengths, if they do. */
export type Lengths = {
  /** Each row has an end or a duration. */
  readonly isGiven: boolean
  readonly secondsOf: (entry: Entry, startMs: EpochMs) => number | null
  readonly evidence: readonly Evidence[]
}

export function readLengths(timed: readonly Sequence[], options: TimeOptions): Lengths {
  const all = timed.flatMap(({ entries }) => entries)
  const step = timed.find(({ finding }) => finding.found !== null)?.finding.found?.stepS ?? null
  const hasEnds = options.endReader !== null && all.some(({ end }) => end !== null)
  const shared = hasEnds ? sharedEnd(timed, options) : null
  if (hasEnds && shared === null) return lengthsOfEnds(all, step, options)
  const notRead = shared === null ? [] : [evidenceOfShared(shared)]
  const texts = [...new Set(all.map(({ durationText }) => durationText))]
  if (texts.every((text) => text === '')) {
    return { isGiven: false, secondsOf: () => null, evidence: notRead }
  }
  const scale = scaleOfDurations(texts, step, options)
  const secondsOf = ({ durationText }: Entry) => readDuration(durationText, scale)
  const value = scale === 60 ? 'minutes' : 'seconds'
  const evidence = [
    { field: 'duration', value, why: `such as "${texts[0]}" in a column of its own` },
  ]
  return { isGiven: true, secondsOf, evidence: [...notRead, ...evidence] }
}

/**
 * The text of an end that rows of two starts and more have, as the bounds of an order or a query
 * are: of the rows of a series that follow each other none can end there but the last. Bounds are
 * of all rows, so an end before the last start of its series is a row's own.
 */
function sharedEnd(timed: readonly Sequence[], options: TimeOptions): string | null {
  const starts = new Set<string>()
  const ends = new Map<string, string>()
  for (const { key, entries } of timed) {
    for (const { anchor, end } of entries) {
      if (end === null) continue
      starts.add(`${key} ${anchor.text} ${anchor.addMs}`)
      ends.set(`${key} ${end.text} ${end.addMs}`, end.text)
    }
  }
  if (starts.size < 2 * ends.size || !timed.every((each) => isBounded(each, options))) return null
  return [...ends.values()][0] ?? null
}

/** Whether no row begins behind any end of its series. */
function isBounded({ entries }: Sequence, { reader, endReader }: TimeOptions): boolean {
  const starts = entries.flatMap(({ anchor }) => readAnchor(anchor, reader) ?? [])
  const last = Math.max(...starts.map(({ wallMs, offsetMs }) => wallMs - (offsetMs ?? 0)))
  const lastOnClock = Math.max(...starts.map(({ wallMs }) => wallMs))
  const isAbsolute = starts.every(({ offsetMs }) => offsetMs !== null)
  return entries.every(({ end }) => {
    if (end === null || endReader === null) return true
    const stamp = readAnchor(end, endReader)
    if (stamp === null) return false
    const { wallMs, offsetMs } = stamp
    return isAbsolute && offsetMs !== null ? wallMs - offsetMs >= last : wallMs >= lastOnClock
  })
}

function evidenceOfShared(text: string): Evidence {
  return { field: 'columns.end', value: 'not read', why: `"${text}" is in rows of several starts` }
}

/** Numbers are seconds or minutes: the name of the column says it, or the step of the stamps. */
function scaleOfDurations(
  texts: readonly string[],
  step: number | null,
  { durationHeader, durationUnit }: TimeOptions,
): 1 | 60 {
  if (durationUnit !== undefined) return durationUnit === 's' ? 1 : 60
  refuseCounter(texts, durationHeader ?? '')
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

/**
 * A column that counts the intervals of a day says no length of them.
 *
 * @throws CounterAsDurationError
 */
function refuseCounter(texts: readonly string[], column: string): void {
  const isCounter = texts.every((text, at) => Number(text) === Number(texts[0]) + at)
  if (texts.length < counterMin || !(Number(texts[0]) <= 1) || !isCounter) return
  throw new CounterAsDurationError({ column, first: texts.slice(0, 3) })
}

const counterMin = 4

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
  const isTwofold = ({ anchor }: Entry): boolean => {
    const start = readAnchor(anchor, reader)
    if (start === null || start.offsetMs !== null) return false
    return options.zone.instantsOf(start.wallMs).length > 1
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
      // Where the start is in the repeated hour, the end may be by the clock before it went back.
      if (lengthS === usual && usual <= hourS && isTwofold(entry)) return usual + added
      // The clocks may skip the end of an interval, and repeat it.
      if (instants.length === 0) return lengthS + added
      return lengths.find((each) => each === step) ?? lengths[0] ?? null
    },
  }
}

const dayS = 86_400
const hourS = 3_600

export function readAnchor({ text, addMs }: Entry['anchor'], reader: StampReader): Stamp | null {
  const stamp = reader.read(text)
  return stamp && addMs > 0 ? { ...stamp, wallMs: stamp.wallMs + addMs } : stamp
}
