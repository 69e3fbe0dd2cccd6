import type { EpochMs } from '../../../schemas/time.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { differenceSeries } from '../register/differenceSeries.ts'
import { type Register, spikeMax } from '../register/meterExchange.ts'
import type { Step } from './findStep.ts'
import type { CellOutcome } from './readCell.ts'
import type {
  CarriedRegister,
  CarriedRegisters,
  Conflict,
  ProfiledGap,
  ProfiledReading,
} from './reading.ts'
import { type RuleOptions, registerRuleOf } from './registerRule.ts'

export type RegisterOptions = RuleOptions & {
  readonly stepOf: (meter: string) => Step | null
  /** By meter, from the parts of the file before this one. */
  readonly carried?: CarriedRegisters | undefined
}

export type Registers = {
  /** In the order of the outcomes given. */
  readonly outcomes: readonly CellOutcome[]
  readonly registers: ReadonlyMap<string, { readonly first: Register; readonly last: Register }>
  readonly stepOf: (meter: string) => Step | null
  /** Registers that the file says twice, with other values. */
  readonly conflicts: readonly Conflict[]
  /** The registers up to a line, for the part of the file behind it. */
  readonly carriedTo: (line: number) => CarriedRegisters
}

/**
 * Readings of registers: each is the difference to the register before it, in the order of time; of
 * several for one instant the last line counts.
 *
 * The first register of a meter is a gap, since nothing is before it. After missing registers the
 * total is kept, as a gap: its energy is known, its intervals are not. Where the meter was
 * exchanged in its window, the interval is the sum of both parts if the profile has them, else a
 * gap. Another register that falls is refused unless it rolls over at the digits that the profile
 * declares; what follows is counted from a register that fits to both sides, so that one wrong
 * register, too high or too low, costs its own intervals only.
 */
export function differenceRegisters(
  outcomes: readonly CellOutcome[],
  options: RegisterOptions,
): Registers {
  const open: Open = { outcomes: [...outcomes], ends: new Map(), steps: new Map(), conflicts: [] }
  const { carried = new Map<string, CarriedRegister>() } = options
  const counted: Counted[] = []
  const byMeter = new Map<string, Point[]>()
  outcomes.forEach((each, index) => {
    if (!('reading' in each) || each.reading.isVoid) return
    const own = byMeter.get(each.reading.meter)
    if (own) own.push({ index, reading: each.reading })
    else byMeter.set(each.reading.meter, [{ index, reading: each.reading }])
  })
  for (const [meter, points] of byMeter) {
    const inTime = countingPoints(points, open)
    const before = carried.get(meter)
    const firstMs = inTime[0]!.reading.startMs
    const earlier = (before?.last ?? []).filter(({ atMs }) => atMs < firstMs)
    const ends = [...earlier, ...inTime.map(({ reading }) => registerOf(reading))]
    const step = stepWith(before, inTime, options.stepOf(meter))
    if (step) open.steps.set(meter, step)
    const known = earlier.map((each) => carriedPoint(each, inTime[0]!))
    const trusted = differenceMeter([...known, ...inTime], open, { ...options, step })
    const first =
      before && before.first.atMs < firstMs ? before.first : registerOf(inTime[0]!.reading)
    open.ends.set(meter, { first, last: ends.at(-1)! })
    counted.push({ meter, first, trusted, step })
  }
  return {
    ...{ outcomes: open.outcomes, registers: open.ends, conflicts: open.conflicts },
    stepOf: (meter) => open.steps.get(meter) ?? options.stepOf(meter),
    carriedTo: (line) => carry(counted, carried, line),
  }
}

type Counted = {
  readonly meter: string
  readonly first: Register
  readonly trusted: readonly Point[]
  readonly step: Step | null
}

function carry(
  counted: readonly Counted[],
  carried: CarriedRegisters,
  line: number,
): CarriedRegisters {
  const all = new Map(carried)
  for (const { meter, first, trusted, step } of counted) {
    const before = trusted.filter(({ reading }) => reading.line <= line)
    if (before.length === 0) continue
    const last = before.slice(-spikeMax - 1).map(({ reading }) => registerOf(reading))
    all.set(meter, { first, last, step })
  }
  return all
}

/** The step of a meter, of which this part may have one row, or two with a gap between them. */
function stepWith(
  before: CarriedRegister | undefined,
  inTime: readonly Point[],
  found: Step | null,
): Step | null {
  if (inTime.length > 2 && found) return found
  const known = before?.step ?? found
  const last = before?.last.at(-1)
  if (known || !last) return known
  const seconds = (inTime[0]!.reading.startMs - last.atMs) / 1000
  return seconds > 0 ? { stepS: seconds, isLocalDay: false } : null
}

/** Its line is of another part; no outcome is made of it. */
function carriedPoint({ atMs, valueMwh }: Register, like: Point): Point {
  const reading = { ...like.reading, startMs: atMs, energyMwh: valueMwh, line: 0 }
  return { index: -1, reading }
}

type Open = {
  readonly outcomes: CellOutcome[]
  readonly ends: Map<string, { first: Register; last: Register }>
  readonly steps: Map<string, Step>
  readonly conflicts: Conflict[]
}

type Point = { readonly index: number; readonly reading: ProfiledReading }

/** In the order of time, one for each instant: the last line. */
function countingPoints(points: readonly Point[], open: Open): Point[] {
  const byInstant = new Map<EpochMs, Point[]>()
  for (const point of points) {
    const own = byInstant.get(point.reading.startMs)
    if (own) own.push(point)
    else byInstant.set(point.reading.startMs, [point])
  }
  for (const [startMs, same] of byInstant) {
    for (const { index, reading } of same.slice(0, -1)) {
      open.outcomes[index] = gapOf(reading, 'repeated-register')
    }
    const energiesMwh = same.map(({ reading }) => reading.energyMwh)
    if (new Set(energiesMwh).size === 1) continue
    const lines = same.map(({ reading }) => reading.line)
    open.conflicts.push({ meter: same[0]!.reading.meter, startMs, lines, energiesMwh })
  }
  return [...byInstant.values()]
    .map((same) => same.at(-1)!)
    .sort((left, right) => left.reading.startMs - right.reading.startMs)
}

type MeterOptions = RegisterOptions & { readonly step: Step | null }

/** Those that count. */
function differenceMeter(points: readonly Point[], open: Open, options: MeterOptions): Point[] {
  const { capacityMwh, resets } = registerRuleOf(points[0]!.reading.meter, options)
  const registers = points.map(({ reading }) => registerOf(reading))
  const known = points.findIndex(({ index }) => index >= 0)
  const { differences, trusted } = differenceSeries(registers, {
    ...{ resets, known, capacityAt: () => capacityMwh },
  })
  points.forEach(({ index, reading }, place) => {
    if (index < 0) return
    const found = differences[place]!
    switch (found.kind) {
      case 'first':
        open.outcomes[index] = gapOf(reading, 'first-register')
        break
      case 'grown': {
        const grown = { before: points[found.from]!.reading, now: reading }
        open.outcomes[index] = difference({ ...grown, energyMwh: found.energyMwh }, options)
        break
      }
      case 'exchange':
        open.outcomes[index] = gapOf(reading, 'meter-exchange')
        break
      case 'fallen':
        open.outcomes[index] = refused(reading, refuse('register-fallen'))
        break
      case 'spike': {
        const which = `of line ${points[found.than]!.reading.line}`
        open.outcomes[index] = refused(reading, refuse('register-spike', { which }))
      }
    }
  })
  return trusted.map((place) => points[place]!)
}

function registerOf({ startMs, energyMwh }: ProfiledReading): Register {
  return { atMs: startMs, valueMwh: energyMwh }
}

function gapOf(
  { line, column, meter }: ProfiledReading,
  why: Exclude<ProfiledGap['why'], 'silent' | 'register-gap'>,
): CellOutcome {
  return { gap: { line, column, meter, why, total: null } }
}

type Grown = {
  readonly before: ProfiledReading
  readonly now: ProfiledReading
  readonly energyMwh: bigint
}

function difference({ before, now, energyMwh }: Grown, { step }: MeterOptions): CellOutcome {
  const { meter, line, column } = now
  const seconds = (now.startMs - before.startMs) / 1000
  const isNext = step === null || isOneStep(seconds, step)
  if (!isNext) {
    const total = { fromMs: before.startMs, toMs: now.startMs, energyMwh }
    return { gap: { line, column, meter, why: 'register-gap', total } }
  }
  return { reading: { ...now, startMs: before.startMs, durationS: seconds, energyMwh } }
}

function isOneStep(seconds: number, { stepS, isLocalDay }: Step): boolean {
  return isLocalDay ? Math.abs(seconds - stepS) <= 3600 : seconds === stepS
}

function refused(
  { line, column, original, energyMwh }: ProfiledReading,
  refusal: Refusal,
): CellOutcome {
  const value = `${Number(energyMwh) / 1e6} kWh`
  return { refusal: { ...refusal, line, column, value, original, cells: [] } }
}
