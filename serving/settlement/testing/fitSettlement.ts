import type { AccountBalance } from '../../../schemas/settlement.ts'
import { moneyMicros } from '../../../schemas/units.ts'
import { figuresOf } from '../computeMember.ts'
import { computePeriod } from '../computeSettlement.ts'
import type { LineFigures, PublishedMember, PublishedPeriod } from '../published.ts'

/**
 * What an operator publishes who writes any inputs and makes all that follows from them fit:
 * balances from line to line, lines, detail hashes and header. For tests.
 */
export function fitPeriod(published: PublishedPeriod): PublishedPeriod {
  const carried = carryBalances(published)
  const { computed, header } = computePeriod({ ...published, members: carried })
  const members = carried.map((member, index) => {
    const { line, detail } = computed[index]!
    return { ...member, line: figuresOf(line), detail }
  })
  return { ...published, members, header }
}

/** The balance before an account's second line moves as much as its first line's end does. */
function carryBalances({ event, members }: PublishedPeriod): PublishedMember[] {
  const carried: PublishedMember[] = []
  for (const member of members) {
    const at = carried.findIndex(({ account }) => account === member.account)
    if (at < 0) {
      carried.push(member)
      continue
    }
    const { line } = computePeriod({ event, members: carried }).computed[at]!
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
