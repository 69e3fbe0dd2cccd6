import type { EpochMs } from '../../../schemas/time.ts'
import { toWholeHalfEven } from '../decimal.ts'
import type { Step } from './findStep.ts'
import type { Profile, Unit } from './profileShape.ts'
import type { CellOutcome } from './readCell.ts'
import type { ProfiledReading, Register } from './reading.ts'
import type { StampReader } from './readStamp.ts'
import { mwhPerUnit } from './readUnit.ts'
import type { Zone } from './zone.ts'

export type RegisterOptions = {
  readonly profile: Profile
  readonly unit: Unit | null
  readonly stepOf: (meter: string) => Step | null
  readonly reader: StampReader
  readonly zone: Zone
}

export type Registers = {
  /** In the order of the outcomes given. */
  readonly outcomes: readonly CellOutcome[]
  readonly ends: ReadonlyMap<string, { readonly first: Register; readonly last: Register }>
}

/**
 * Readings of registers: each is the difference to the register before it, in the order of time.
 *
 * The first register of a meter is a gap, since nothing is before it. After missing registers the
 * total is kept, as a gap: its energy is known, its intervals are not. A register that falls is
 * refused unless it rolls over at the digits that the profile declares, or is reset in its window.
 */
export function differenceRegisters(
  outcomes: readonly CellOutcome[],
  options: RegisterOptions,
): Registers {
  const result: CellOutcome[] = [...outcomes]
  const ends = new Map<string, { first: Register; last: Register }>()
  const byMeter = new Map<string, number[]>()
  outcomes.forEach((each, index) => {
    if (!('reading' in each) || each.reading.isVoid) return
    const own = byMeter.get(each.reading.meter)
    if (own) own.push(index)
    else byMeter.set(each.reading.meter, [index])
  })
  for (const [meter, indexes] of byMeter) {
    const readingAt = (index: number) => (outcomes[index] as { reading: ProfiledReading }).reading
    const sorted = indexes.sort((left, right) => readingAt(left).startMs - readingAt(right).startMs)
    let before: ProfiledReading | null = null
    for (const index of sorted) {
      const now = readingAt(index)
      result[index] =
        before === null ? gapOf(now, 'first-register') : difference(before, now, options)
      before = now
    }
    const [first, last] = [sorted[0]!, sorted.at(-1)!].map(readingAt).map(registerOf)
    ends.set(meter, { first: first!, last: last! })
  }
  return { outcomes: result, ends }
}

function registerOf({ startMs, energyMwh }: ProfiledReading): Register {
  return { atMs: startMs, valueMwh: energyMwh }
}

function gapOf(
  { line, column, meter }: ProfiledReading,
  why: 'first-register' | 'repeated-register',
): CellOutcome {
  return { gap: { line, column, meter, why, total: null } }
}

function difference(
  before: ProfiledReading,
  now: ProfiledReading,
  options: RegisterOptions,
): CellOutcome {
  const { meter, line, column } = now
  if (now.startMs === before.startMs) {
    if (now.energyMwh === before.energyMwh) return gapOf(now, 'repeated-register')
    const detail = `Line ${before.line} has another register at this stamp. Remove one of them.`
    return refuse(now, detail)
  }
  const rolled = rollover(before, now, options)
  if (rolled === null) {
    const detail =
      'The register is lower than the one before. Was the meter exchanged or reset, or did it ' +
      'roll over? Say register.digits or register.reset, or cut the file there.'
    return refuse(now, detail)
  }
  const seconds = (now.startMs - before.startMs) / 1000
  const step = options.stepOf(meter)
  const isNext = step === null || isOneStep(seconds, step)
  if (!isNext) {
    const total = { fromMs: before.startMs, toMs: now.startMs, energyMwh: rolled }
    return { gap: { line, column, meter, why: 'register-gap', total } }
  }
  const interval = { startMs: before.startMs, durationS: seconds, energyMwh: rolled }
  return { reading: { ...now, ...interval } }
}

function isOneStep(seconds: number, { stepS, isLocalDay }: Step): boolean {
  return isLocalDay ? Math.abs(seconds - stepS) <= 3600 : seconds === stepS
}

/** The energy between two registers, or null where the later one is lower without a reason. */
function rollover(
  before: ProfiledReading,
  now: ProfiledReading,
  { profile, unit, reader, zone }: RegisterOptions,
): bigint | null {
  const sign = before.energyMwh < 0n || now.energyMwh < 0n ? -1n : 1n
  const grown = (now.energyMwh - before.energyMwh) * sign
  if (grown >= 0n) return grown * sign
  const { digits, reset } = profile.register ?? {}
  if (reset && isWithin(now.startMs, [reset.from, reset.to], { reader, zone })) return now.energyMwh
  if (digits === undefined || unit === null) return null
  const whole = { digits: 10n ** BigInt(digits), exponent: 0 }
  const capacity = toWholeHalfEven(whole, mwhPerUnit(unit, 0))
  const rolled = grown + capacity
  // More than a tenth of the register within one step is no rollover.
  return rolled >= 0n && rolled * 10n <= capacity ? rolled * sign : null
}

function isWithin(
  ms: EpochMs,
  window: readonly [string, string],
  { reader, zone }: { readonly reader: StampReader; readonly zone: Zone },
): boolean {
  const [from, to] = window.map((text) => {
    const stamp = reader.read(text)
    if (!stamp) return null
    return stamp.offsetMs === null
      ? (zone.instantsOf(stamp.wallMs)[0] ?? null)
      : stamp.wallMs - stamp.offsetMs
  })
  return from != null && to != null && from <= ms && ms <= to
}

function refuse(
  { line, column, original, energyMwh }: ProfiledReading,
  detail: string,
): CellOutcome {
  const value = `${Number(energyMwh) / 1e6} kWh`
  const reason = 'out-of-range'
  return { refusal: { line, column, value, reason, detail, original, cells: [] } }
}
