import { expect, test } from 'vitest'
import type { Address } from '../../schemas/ids.ts'
import { moneyMicros } from '../../schemas/units.ts'
import { chooseClaims } from './chooseClaims.ts'

const account = (digit: string) => `0x${digit.repeat(40)}` as Address
const detail = `0x${'00'.repeat(32)}` as const
const line = (index: number, digit: string, entitled: bigint) => {
  return { index, account: account(digit), entitled: moneyMicros(entitled), detail }
}

test('the last of several lines of an account claims for all; paid lines are left out', () => {
  const lines = [line(0, 'a', 5n), line(1, 'b', 0n), line(2, 'a', 9n), line(3, 'c', 4n)]
  const claimed = new Map([[account('c'), 4n]])
  expect(chooseClaims(lines, claimed).map(({ index }) => index)).toEqual([2])
})
