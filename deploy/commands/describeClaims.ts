import { moneyOf } from './describeSettlement.ts'
import { table } from './output.ts'

/** What paying an event's claims answers; money in millionths of its currency. */
export type ClaimAnswer = {
  readonly claims: readonly { readonly account: string; readonly amountMicros: string | number }[]
  readonly refused: readonly {
    readonly index: number
    readonly account: string
    readonly reason: string
  }[]
}

/** Claims as `claim` prints them: a row for each account that is paid, a sentence for each not. */
export function describeClaims({ claims, refused }: ClaimAnswer, currency: string): string {
  const rows = claims.map((each) => [each.account, moneyOf(each.amountMicros)])
  const unpaid = refused.map(({ index, account, reason }) => {
    return `Line ${index}, to ${account}, is not paid: ${reason}`
  })
  if (rows.length + unpaid.length === 0) return 'Everything has already been paid.'
  return [...(rows.length > 0 ? [table(['account', currency], rows)] : []), ...unpaid].join('\n')
}
