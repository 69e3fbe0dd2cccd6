import {
  type ComputeBaselineReturnType,
  computeBaseline,
} from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { MeterGapError } from '../../schemas/errors/baseline.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import {
  baselineContent,
  baselineHash,
  conditionsHash,
  detailHash,
  leafHash,
  memberLeafWords,
  readingsHash,
  settlementLeafWords,
  speedContent,
  termsHash,
} from '../../schemas/leaf.ts'
import type { AnonymousLine } from '../../schemas/settlement.ts'
import type { MoneyMicros } from '../../schemas/units.ts'
import type { EventFacts, LineFigures, MemberFacts } from './published.ts'
import { settleMember } from './settleEvent.ts'

export type ComputeMemberParameters = {
  readonly event: EventFacts
  readonly hashes: EventHashes
  readonly member: MemberFacts & { readonly pseudonym: Hex32 }
  readonly index: number
  /** Sum of pay over the lines before this one. */
  readonly payPrefixBefore: MoneyMicros
}

export type EventHashes = { readonly terms: Hex32; readonly conditions: Hex32 }

export type ComputeMemberReturnType = {
  readonly line: AnonymousLine
  readonly detail: Hex32
  readonly words: ReturnType<typeof settlementLeafWords>
  /** Hashes of the member's leaf in each of the four trees. */
  readonly leaves: {
    readonly settlement: Hex32
    readonly inputs: Hex32
    readonly baselines: Hex32
    readonly speed: Hex32
  }
}

/** One member's line and leaves from what is published of it: operator, validator, home alike. */
export function computeMember(parameters: ComputeMemberParameters): ComputeMemberReturnType {
  const { event, hashes, member, index } = parameters
  const { pseudonym, salt } = member
  const metered = new Map(member.readings.map((each) => [each.startMs, each.energyMwh]))
  const line = settleMember(event, {
    ...member,
    index,
    metered,
    payPrefix: parameters.payPrefixBefore,
  })
  const readings = readingsHash(member.readings)
  const baseline = committedContent(hashes.conditions, member)
  const { eventId, revision, terms } = event
  const detail = detailHash(line, {
    eventId,
    revision,
    pseudonym,
    readings,
    baseline,
    method: terms.baselineMethod,
    terms: hashes.terms,
    salt,
  })
  const words = settlementLeafWords(line, detail)
  const leafOf = (content: Hex32) => leafHash(memberLeafWords(index, pseudonym, content, salt))
  const leaves = {
    settlement: leafHash(words),
    inputs: leafOf(readings),
    baselines: leafOf(baseline),
    speed: leafOf(speedContent(member.speedDeliveredMwh)),
  }
  return { line, detail, words, leaves }
}

export function hashEvent(event: EventFacts): EventHashes {
  const terms = termsHash(event.terms)
  return { terms, conditions: conditionsHash({ ...event, terms }) }
}

export type CommittedMember = {
  readonly account: Address
  readonly baseline: Pick<ComputeBaselineReturnType, 'intervals' | 'used'>
}

export function committedContent(
  conditions: Hex32,
  { account, baseline: { intervals, used } }: CommittedMember,
): Hex32 {
  return baselineContent({
    conditions,
    account,
    baseline: baselineHash(intervals),
    used: readingsHash(used),
  })
}

/** What is committed for a member of whom nothing can be said. */
export const emptyBaseline: ComputeBaselineReturnType = {
  intervals: [],
  days: [],
  adjustment: { kind: 'none' },
  flags: ['no-baseline'],
  used: [],
}

/** The baseline that the readings it says it used give; the empty one when they give none. */
export function recomputeBaseline(
  event: EventFacts,
  used: MemberFacts['baseline']['used'],
): ComputeBaselineReturnType {
  try {
    return computeBaseline({
      method: baselineMethodNamed(event.terms.baselineMethod),
      zone: event.zone,
      event,
      stepS: event.intervalS,
      readings: new Map(used.map((each) => [each.startMs, each.energyMwh])),
      excludedDates: new Set(event.excludedDates),
      holidays: new Set(event.holidays),
    })
  } catch (error) {
    if (error instanceof MeterGapError) return emptyBaseline
    throw error
  }
}

/** The part of a line that is published: its intervals follow from readings and baseline. */
export function figuresOf(line: AnonymousLine): LineFigures {
  const { delivered, deficiency, missing, incentive, fee, net, pay, debtAfter } = line
  const { entitled, payPrefix } = line
  const figures = { delivered, deficiency, missing, incentive, fee, net, pay, debtAfter }
  return { ...figures, entitled, payPrefix }
}
