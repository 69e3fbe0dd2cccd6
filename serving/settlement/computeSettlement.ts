import type { AnonymousLine } from '../../schemas/settlement.ts'
import { moneyMicros } from '../../schemas/units.ts'
import { settlePublished } from './computeMember.ts'
import {
  type HashSettlementParameters,
  type HashSettlementReturnType,
  hashSettlement,
} from './hashSettlement.ts'

export type ComputeSettlementParameters = Omit<HashSettlementParameters, 'lines'>
export type ComputeSettlementReturnType = HashSettlementReturnType

/** All lines, the four trees and the header of an event, from its published inputs. */
export function computeSettlement(
  parameters: ComputeSettlementParameters,
): ComputeSettlementReturnType {
  const { event, members } = parameters
  let payPrefix = moneyMicros(0n)
  const lines = members.map((member, index): AnonymousLine => {
    const line = settlePublished(event, member, { index, payPrefix })
    payPrefix = line.payPrefix
    return line
  })
  return hashSettlement({ event, members, lines })
}
