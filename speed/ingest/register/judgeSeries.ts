import { isOnGrid } from '../../../schemas/meter/grid.ts'
import type { Meter } from '../../../schemas/meter/meter.ts'
import { type KeptRegister, ruleText } from '../../../schemas/reading/register.ts'
import { type EpochMs, isoUtc } from '../../../schemas/time.ts'
import { energyMwh } from '../../../schemas/units.ts'
import { isPlausible } from '../judgeDraft.ts'
import { judgeMeter } from '../judgeMeter.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { type Difference, differenceSeries } from './differenceSeries.ts'

export type RegisterGap = 'first-register' | 'register-gap' | 'repeated-register' | 'meter-exchange'

/** What the meter used in one of its intervals, by two registers. */
export type RegisterInterval = {
  readonly from: KeptRegister
  readonly to: KeptRegister
  readonly energyMwh: number
}

/** What becomes of a register: an interval, a gap or a refusal. */
export type Judged =
  | { readonly interval: RegisterInterval }
  | { readonly gap: RegisterGap }
  | { readonly refusal: Refusal }

export type Enrolled = Pick<Meter, 'kind' | 'zone' | 'steps'>

/**
 * The intervals of a meter by its registers, which is a function of these alone and of nothing that
 * was said before.
 *
 * Two registers make an interval where the meter has one from the one to the other. Those that are
 * further apart are a gap: the energy is known, how it falls into the intervals is not.
 *
 * @param registers Of one source, one for each instant, in the order of time. `[place]`
 */
export function judgeSeries(
  registers: readonly KeptRegister[],
  enrolled: Enrolled,
): readonly Judged[] {
  const points = registers.map(({ atMs, valueMwh }) => ({ atMs, valueMwh: BigInt(valueMwh) }))
  const { differences } = differenceSeries(points, {
    resets: resetsOf(registers),
    capacityAt: (place) => {
      const { rule } = registers[place]!
      return rule.capacityMwh ?? registers[place - 1]?.rule.capacityMwh ?? null
    },
  })
  return differences.map((difference, place) => {
    return judge(difference, { registers, place, enrolled })
  })
}

/** Each window once, although every register of a file says it. */
function resetsOf(registers: readonly KeptRegister[]) {
  const rules = new Map(registers.map(({ rule }) => [ruleText(rule), rule]))
  const resets = [...rules.values()].flatMap((rule) => rule.resets)
  const texts = resets.map((reset) => ruleText({ capacityMwh: null, resets: [reset] }))
  return resets.filter((_, at) => texts.indexOf(texts[at]!) === at)
}

type Judging = {
  readonly registers: readonly KeptRegister[]
  readonly place: number
  readonly enrolled: Enrolled
}

function judge(difference: Difference, { registers, place, enrolled }: Judging): Judged {
  switch (difference.kind) {
    case 'first':
      return { gap: 'first-register' }
    case 'exchange':
      return { gap: 'meter-exchange' }
    case 'fallen':
      return { refusal: refuse('register-fallen') }
    case 'spike': {
      const which = `at ${isoUtc(registers[difference.than]!.atMs)}`
      return { refusal: refuse('register-spike', { which }) }
    }
    case 'grown': {
      const [from, to] = [registers[difference.from]!, registers[place]!]
      return judgeGrown({ from, to, energyMwh: 0 }, difference.energyMwh, enrolled)
    }
  }
}

function judgeGrown(own: RegisterInterval, grownMwh: bigint, enrolled: Enrolled): Judged {
  const { from, to } = own
  const durationS = (to.atMs - from.atMs) / 1000
  const isNext = isOnGrid(enrolled, from.atMs, durationS)
  // Where the interval is as long as its file says, `judgeMeter` says what is wrong with it.
  if (!isNext && !isAsSaid(to, durationS)) return { gap: 'register-gap' }
  if (!isPlausible(grownMwh, durationS)) return { refusal: refuse('mean-power', { durationS }) }
  const energy = energyMwh(Number(grownMwh))
  const { meter, powerW } = to
  const reading = { meter, startMs: from.atMs, durationS, energyMwh: energy, powerW }
  const refusal = judgeMeter(reading, enrolled)
  return refusal ? { refusal } : { interval: { from, to, energyMwh: energy } }
}

const dayS = 86_400

/** A local day may have an hour more or less. */
function isAsSaid({ stepS }: KeptRegister, durationS: number): boolean {
  if (stepS === null) return false
  return stepS === dayS ? Math.abs(durationS - stepS) <= 3600 : durationS === stepS
}

/** The end of an interval, by its start. */
export function intervalsOf(judged: readonly Judged[]): ReadonlyMap<EpochMs, RegisterInterval> {
  const found = new Map<EpochMs, RegisterInterval>()
  for (const each of judged)
    if ('interval' in each) found.set(each.interval.from.atMs, each.interval)
  return found
}
