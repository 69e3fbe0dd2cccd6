import { expect, test } from 'vitest'
import { describeClaims } from './describeClaims.ts'

const account = `0x${'11'.repeat(20)}`

test('claims are money in the currency of the event, exact at any size', () => {
  const claims = [
    { account, amountMicros: 734_027 },
    { account, amountMicros: 5 },
    { account, amountMicros: '12345678901234567890' },
  ]
  expect(describeClaims({ claims, refused: [] }, 'GBP').split('\n')).toEqual([
    'account                                                       GBP',
    `${account}               0.734027`,
    `${account}               0.000005`,
    `${account}  12345678901234.567890`,
  ])
})

test('a line that is not paid is named with its reason; without any line all is paid', () => {
  const refused = [{ index: 2, account, reason: 'The vault is empty.' }]
  expect(describeClaims({ claims: [], refused }, 'GBP')).toBe(
    `Line 2, to ${account}, is not paid: The vault is empty.`,
  )
  expect(describeClaims({ claims: [], refused: [] }, 'GBP')).toBe(
    'Everything has already been paid.',
  )
})
