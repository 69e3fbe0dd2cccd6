import type { AnonymousLine } from '../../schemas/settlement.ts'
import type { MoneyMicros } from '../../schemas/units.ts'
import { type HashMemberParameters, type HashMemberReturnType, hashMember } from './hashMember.ts'
import type { EventFacts, MemberFacts } from './published.ts'
import { settleMember } from './settleMember.ts'
import { energiesOf, sumTerms } from './sumTerms.ts'

/** The position of a line among the others. */
export type LinePlace = {
  readonly index: number
  /** Sum of pay over the lines before this one. */
  readonly payPrefix: MoneyMicros
}

export type ComputeMemberParameters = Omit<HashMemberParameters, 'line'> & LinePlace

export type ComputeMemberReturnType = HashMemberReturnType & { readonly line: AnonymousLine }

/** One member's line and leaves from its published inputs. */
export function computeMember(parameters: ComputeMemberParameters): ComputeMemberReturnType {
  const { event, member, ...place } = parameters
  const line = settlePublished(event, member, place)
  return { line, ...hashMember({ ...parameters, line }) }
}

/** A line recomputed from its member's published inputs. */
export function settlePublished(
  event: EventFacts,
  member: MemberFacts,
  { index, payPrefix }: LinePlace,
): AnonymousLine {
  const metered = energiesOf(member.readings)
  const limits = member.point?.boundary ?? []
  const boundary = sumTerms(
    limits,
    limits.map(({ readings }) => energiesOf(readings)),
  )
  const limit = limits.length > 0 ? { boundary } : {}
  return settleMember(event, { ...member, index, metered, payPrefix, ...limit })
}
