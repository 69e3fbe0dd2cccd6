import type { RegisterReset } from '../../../schemas/reading/register.ts'
import type { EpochMs } from '../../../schemas/time.ts'

/** A register at an instant. */
export type Register = { readonly atMs: EpochMs; readonly valueMwh: bigint }

/** Two registers between which the meter was exchanged or reset, or may have been. */
export type Exchange = {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly parts: RegisterReset['parts']
}

/** So many registers in a row that are too high are mistakes; after more of them, it is a fall. */
export const spikeMax = 3

/**
 * When a meter was exchanged, by the windows that its profile gives.
 *
 * A new meter may show more than the old one, and nothing in the registers says so: unless one
 * interval of the window falls, and neither side of it looks like a mistake, the exchange may be in
 * each of them. The energy of such an interval is not the difference of its registers.
 *
 * @param registers Of one meter, in the order of time.
 */
export function findExchanges(
  registers: readonly Register[],
  resets: readonly RegisterReset[],
): readonly Exchange[] {
  return resets.flatMap(({ fromMs, toMs, parts }) => {
    const within: number[] = []
    registers.forEach((now, at) => {
      const before = registers[at - 1]
      if (before && before.atMs < toMs && now.atMs >= fromMs) within.push(at)
    })
    const falls = within.filter((at) => isFall(registers, at))
    const spans = falls.length === 1 && isClear(registers, falls[0]!) ? falls : within
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

/** What both meters counted, or null where the registers contradict the windows. */
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
