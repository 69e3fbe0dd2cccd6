import type { ClaimReport } from '../../serving/shapes/settlement.ts'
import { moneyOf } from './describeSettlement.ts'
import { table } from './output.ts'

/** What of the report is printed; money in millionths of the event's currency. */
type PaidReport = Pick<ClaimReport, 'refused'> & {
  readonly claims: readonly Pick<ClaimReport['claims'][number], 'account' | 'amountMicros'>[]
}

/** Claims as `claim` prints them: a row for each account that is paid, a sentence for each not. */
export function describeClaims({ claims, refused }: PaidReport, currency: string): string {
  const rows = claims.map((each) => [each.account, moneyOf(each.amountMicros)])
  const unpaid = refused.map(({ index, account, reason }) => {
    return `Line ${index}, to ${account}, is not paid: ${reason}`
  })
  if (rows.length + unpaid.length === 0) return 'Everything has already been paid.'
  return [...(rows.length > 0 ? [table(['account', currency], rows)] : []), ...unpaid].join('\n')
}
