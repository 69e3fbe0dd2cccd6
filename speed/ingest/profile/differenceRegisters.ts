import type { EpochMs } from '../../../schemas/time.ts'
import { toWholeHalfEven } from '../decimal.ts'
import type { Step } from './findStep.ts'
import {
  type Exchange,
  type ExchangeOptions,
  findExchanges,
  spikeMax,
  sumOfParts,
} from './meterExchange.ts'
import type { CellOutcome } from './readCell.ts'
import type {
  CarriedRegister,
  CarriedRegisters,
  Conflict,
  ProfiledGap,
  ProfiledReading,
  Register,
} from './reading.ts'
import { mwhPerUnit } from './readUnit.ts'

export type RegisterOptions = ExchangeOptions & {
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
  /** What goes before the lines after this one, where they are read as another part. */
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
    const exchanges = findExchanges(meter, ends, options)
    const step = stepWith(before, inTime, options.stepOf(meter))
    if (step) open.steps.set(meter, step)
    const own = { ...options, exchanges, step }
    const trusted = earlier.map((each) => carriedPoint(each, inTime[0]!))
    differenceMeter({ points: inTime, trusted }, open, own)
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

type MeterOptions = RegisterOptions & {
  readonly exchanges: readonly Exchange[]
  readonly step: Step | null
}

type MeterPoints = {
  readonly points: readonly Point[]
  /** Those that count so far, the last one at the end. */
  readonly trusted: Point[]
}

function differenceMeter({ points, trusted }: MeterPoints, open: Open, options: MeterOptions) {
  points.forEach((point, at) => {
    const before = trusted.at(-1)
    const { index, reading } = point
    if (before === undefined) {
      open.outcomes[index] = gapOf(reading, 'first-register')
    } else {
      const energyMwh = rollover(before.reading, reading, options)
      const grown = { before: before.reading, now: reading }
      if (energyMwh !== null) {
        open.outcomes[index] = difference({ ...grown, energyMwh }, options)
      } else if (exchangeBetween(before.reading, reading, options)) {
        open.outcomes[index] = gapOf(reading, 'meter-exchange')
      } else if (!fall({ trusted, point, next: points[at + 1] }, open, options)) return
    }
    trusted.push(point)
  })
}

type Fall = { readonly trusted: Point[]; readonly point: Point; readonly next: Point | undefined }

/**
 * A register lower than the one before it. Where the next one is not, this one is wrong; where a
 * few before it are a spike, they are; else the meter was exchanged. Whether it counts from here.
 */
function fall({ trusted, point, next }: Fall, open: Open, options: MeterOptions): boolean {
  const { index, reading } = point
  const before = trusted.at(-1)!.reading
  open.outcomes[index] = refuse(reading, fallen)
  if (next && rollover(before, next.reading, options) !== null) return false
  const base = trusted.findLastIndex((each) => rollover(each.reading, reading, options) !== null)
  const high = trusted.slice(base + 1)
  if (base < 0 || high.length > spikeMax) return true
  for (const each of high) {
    if (each.index < 0) continue
    const detail =
      `The register of line ${reading.line}, which is later, is lower. Correct this one if it is ` +
      'a spike; or say register.reset.'
    open.outcomes[each.index] = refuse(each.reading, detail)
  }
  trusted.length = base + 1
  const grown = { before: trusted[base]!.reading, now: reading }
  const energyMwh = rollover(grown.before, reading, options)!
  open.outcomes[index] = difference({ ...grown, energyMwh }, options)
  return true
}

const fallen =
  'The register is lower than the one before. Was the meter exchanged or reset, or did it roll ' +
  'over? Say register.digits or register.reset, or cut the file there.'

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

function exchangeBetween(
  { startMs: fromMs }: ProfiledReading,
  { startMs: toMs }: ProfiledReading,
  { exchanges }: MeterOptions,
): Exchange | undefined {
  return exchanges.find((each) => fromMs < each.toMs && each.fromMs < toMs)
}

/** The energy between two registers, or null where they do not say it. */
function rollover(
  before: ProfiledReading,
  now: ProfiledReading,
  options: MeterOptions,
): bigint | null {
  const exchange = exchangeBetween(before, now, options)
  if (exchange) {
    return exchange.parts && sumOfParts(exchange.parts, before.energyMwh, now.energyMwh)
  }
  const { profile, unit } = options
  const sign = before.energyMwh < 0n || now.energyMwh < 0n ? -1n : 1n
  const grown = (now.energyMwh - before.energyMwh) * sign
  if (grown >= 0n) return grown * sign
  const { digits } = profile.register ?? {}
  if (digits === undefined || unit === null) return null
  const whole = { digits: 10n ** BigInt(digits), exponent: 0 }
  const capacity = toWholeHalfEven(whole, mwhPerUnit(unit, 0))
  const rolled = grown + capacity
  // More than a tenth of the register within one step is no rollover.
  return rolled >= 0n && rolled * 10n <= capacity ? rolled * sign : null
}

function refuse(
  { line, column, original, energyMwh }: ProfiledReading,
  detail: string,
): CellOutcome {
  const value = `${Number(energyMwh) / 1e6} kWh`
  const reason = 'out-of-range'
  return { refusal: { line, column, value, reason, detail, original, cells: [] } }
}
