import type { EpochMs } from '../../../schemas/time.ts'
import { parseDecimal, toWholeHalfEven } from '../decimal.ts'
import type { Profile, Unit } from './profileShape.ts'
import type { Register } from './reading.ts'
import { mwhPerUnit } from './readUnit.ts'
import type { StampReader } from './stamp.ts'
import type { Zone } from './zone.ts'

export type ExchangeOptions = {
  readonly profile: Profile
  readonly unit: Unit | null
  readonly reader: StampReader
  readonly zone: Zone
}

/** Two registers between which the meter was exchanged or reset, or may have been. */
export type Exchange = {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** Without a sign: of the old meter when it went, and of the new one when it came. */
  readonly parts: { readonly endMwh: bigint; readonly startMwh: bigint } | null
}

/** So many registers in a row that are too high are mistakes; after more of them, it is a fall. */
export const spikeMax = 3

/**
 * Where a meter was exchanged, by the windows that its profile declares.
 *
 * A new meter may show more than the old one, and nothing in the file says so: unless one interval
 * of the window falls, and neither side of it looks like a mistake, the exchange may be in each of
 * them. The energy of such an interval is not the difference of its registers.
 *
 * @param registers Of one meter, in the order of time.
 */
export function findExchanges(
  meter: string,
  registers: readonly Register[],
  options: ExchangeOptions,
): readonly Exchange[] {
  return [options.profile.register?.reset ?? []].flat().flatMap((reset) => {
    if (reset.meter !== undefined && reset.meter !== meter) return []
    const from = instantOf(reset.from, options)
    const to = instantOf(reset.to, options)
    if (from === null || to === null) return []
    const within: number[] = []
    registers.forEach((now, at) => {
      const before = registers[at - 1]
      if (before && before.atMs < to && now.atMs >= from) within.push(at)
    })
    const falls = within.filter((at) => isFall(registers, at))
    const spans = falls.length === 1 && isClear(registers, falls[0]!) ? falls : within
    const parts = partsOf(reset, options.unit)
    const fitting = spans.filter((at) => {
      return (
        parts && sumOfParts(parts, registers[at - 1]!.valueMwh, registers[at]!.valueMwh) !== null
      )
    })
    const isKnown = fitting.length === 1
    return (isKnown ? fitting : spans).map((at) => ({
      fromMs: registers[at - 1]!.atMs,
      toMs: registers[at]!.atMs,
      parts: isKnown ? parts : null,
    }))
  })
}

/** What both meters counted, or null where the registers do not fit to what is said of them. */
export function sumOfParts(
  { endMwh, startMwh }: NonNullable<Exchange['parts']>,
  beforeMwh: bigint,
  nowMwh: bigint,
): bigint | null {
  const old = endMwh - size(beforeMwh)
  const fresh = size(nowMwh) - startMwh
  if (old < 0n || fresh < 0n) return null
  return (old + fresh) * (beforeMwh < 0n || nowMwh < 0n ? -1n : 1n)
}

function size(mwh: bigint): bigint {
  return mwh < 0n ? -mwh : mwh
}

function isFall(registers: readonly Register[], at: number): boolean {
  return size(registers[at]!.valueMwh) < size(registers[at - 1]!.valueMwh)
}

/** No end of a spike (an earlier register is as low), and no dip (the next one is as high). */
function isClear(registers: readonly Register[], at: number): boolean {
  const now = size(registers[at]!.valueMwh)
  const before = size(registers[at - 1]!.valueMwh)
  const next = registers[at + 1]
  const earlier = registers.slice(Math.max(0, at - 1 - spikeMax), at - 1)
  const isDip = next !== undefined && size(next.valueMwh) >= before
  return !isDip && earlier.every(({ valueMwh }) => size(valueMwh) > now)
}

type Reset = { readonly end?: string | undefined; readonly start?: string | undefined }

function partsOf({ end, start }: Reset, unit: Unit | null): Exchange['parts'] {
  const [endOf, startOf] = [end, start].map((text) => {
    return text === undefined ? null : parseDecimal(text)
  })
  if (!endOf || !startOf || unit === null) return null
  const factor = mwhPerUnit(unit, 0)
  return { endMwh: toWholeHalfEven(endOf, factor), startMwh: toWholeHalfEven(startOf, factor) }
}

function instantOf(text: string, { reader, zone }: ExchangeOptions): EpochMs | null {
  const stamp = reader.read(text)
  if (!stamp) return null
  if (stamp.offsetMs !== null) return stamp.wallMs - stamp.offsetMs
  return zone.instantsOf(stamp.wallMs)[0] ?? null
}
