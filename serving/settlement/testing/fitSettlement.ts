import type { AccountBalance } from '../../../schemas/settlement.ts'
import { moneyMicros } from '../../../schemas/units.ts'
import { computeSettlement } from '../computeSettlement.ts'
import {
  figuresOf,
  type LineFigures,
  type PublishedMember,
  type PublishedSettlement,
} from '../published.ts'

/**
 * Publishes any inputs and makes all that follows from them fit, as a cheating operator would:
 * balances from line to line, lines, detail hashes and header. For tests.
 */
export function fitSettlement(published: PublishedSettlement): PublishedSettlement {
  const carried = carryBalances(published)
  const { computed, header } = computeSettlement({ ...published, members: carried })
  const members = carried.map((member, index) => {
    const { line, detail } = computed[index]!
    return { ...member, line: figuresOf(line), detail }
  })
  return { ...published, members, header }
}

/** The balance before an account's second line changes as the one after its first line does. */
function carryBalances({ event, members }: PublishedSettlement): PublishedMember[] {
  const carried: PublishedMember[] = []
  for (const member of members) {
    const at = carried.findIndex(({ account }) => account === member.account)
    if (at < 0) {
      carried.push(member)
      continue
    }
    const { line } = computeSettlement({ event, members: carried }).computed[at]!
    carried.push({ ...member, before: move(member.before, members[at]!.line, line) })
  }
  return carried
}

type End = Pick<LineFigures, 'entitled' | 'debtAfter'>

function move(before: AccountBalance, from: End, to: End): AccountBalance {
  return {
    entitled: moneyMicros(before.entitled + to.entitled - from.entitled),
    debt: moneyMicros(before.debt + to.debtAfter - from.debtAfter),
  }
}
