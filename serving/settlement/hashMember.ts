import type { Address, Hex32 } from '../../schemas/ids.ts'
import {
  baselineContent,
  baselineHash,
  conditionsHash,
  detailHash,
  hashOfAll,
  leafHash,
  memberLeafWords,
  type PointDefinition,
  pointHash,
  readingsHash,
  settlementLeafWords,
  speedContent,
  termsHash,
} from '../../schemas/leaf.ts'
import type { AnonymousLine } from '../../schemas/settlement.ts'
import type { MeterBaseline } from './eventBaselines.ts'
import type { EventFacts, MemberFacts } from './published.ts'

export type HashMemberParameters = {
  readonly event: EventFacts
  readonly hashes: EventHashes
  readonly member: MemberFacts & { readonly pseudonym: Hex32 }
  /** The line computed for `member`. */
  readonly line: AnonymousLine
}

export type EventHashes = { readonly terms: Hex32; readonly conditions: Hex32 }

export type HashMemberReturnType = {
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

/** One member's leaves in the four trees; operator, validator and payee compute them alike. */
export function hashMember(parameters: HashMemberParameters): HashMemberReturnType {
  const { event, hashes, member, line } = parameters
  const { pseudonym, salt } = member
  const readings = meteredContent(member)
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
  const leafOf = (content: Hex32) =>
    leafHash(memberLeafWords({ index: line.index, pseudonym, content, salt }))
  const leaves = {
    settlement: leafHash(words),
    inputs: leafOf(readings),
    baselines: leafOf(baseline),
    speed: leafOf(speedContent(member.speedDeliveredMwh)),
  }
  return { detail, words, leaves }
}

export function hashEvent(event: EventFacts): EventHashes {
  const terms = termsHash(event.terms)
  return { terms, conditions: conditionsHash({ ...event, terms }) }
}

/** What was metered in the event: by a point, the sum and each of its meters. */
function meteredContent({ readings, point }: Pick<MemberFacts, 'readings' | 'point'>): Hex32 {
  const own = readingsHash(readings)
  if (!point) return own
  const meters = [...point.terms, ...point.boundary]
  return hashOfAll([own, ...meters.map((each) => readingsHash(each.readings))])
}

export type CommittedMember = {
  readonly account: Address
  readonly baseline: Pick<MeterBaseline, 'intervals' | 'used' | 'terms' | 'boundary'>
  readonly point?: PointDefinition | undefined
}

/** A meter by itself has the content it would have if there were no points. */
export function committedContent(
  conditions: Hex32,
  { account, baseline, point }: CommittedMember,
): Hex32 {
  const own = baselineContent({
    conditions,
    account,
    baseline: baselineHash(baseline.intervals),
    used: readingsHash(baseline.used),
  })
  if (!point) return own
  const { boundary } = baseline
  const terms = [...(baseline.terms ?? []), ...(boundary?.terms ?? [])]
  const limit = boundary ? [baselineHash(boundary.intervals), readingsHash(boundary.used)] : []
  return hashOfAll([own, pointHash(point), ...limit, ...terms.map(readingsHash)])
}
