import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { toJson } from '../../schemas/units.ts'
import { differenceOf } from './differenceOf.ts'
import { address, microsUp, sentenceOfIssues, whole } from './wire.ts'

test('a whole amount of any size survives JSON', () => {
  const max = 2n ** 127n - 1n
  fc.assert(
    fc.property(fc.bigInt({ min: -max, max }), (value) => {
      expect(whole.parse(JSON.parse(toJson(value)))).toBe(value)
    }),
  )
})

test.each([
  [2n ** 127n, whole, 'beyond 127 bits'],
  [-1, microsUp, 'below zero'],
  [1.5, whole, 'Invalid input'],
  [`0x${'AB'.repeat(20)}`, address, 'not an address in lower case'],
])('%s is refused', (value, schema, reason) => {
  const parsed = (schema as z.ZodType).safeParse(value)
  expect(parsed.success ? '' : sentenceOfIssues(parsed.error)).toBe(`the whole: ${reason}`)
})

test('a refusal has the path of the field', () => {
  const parsed = z.object({ members: z.array(z.object({ pay: microsUp })) }).safeParse({
    members: [{ pay: 1 }, { pay: -1 }],
  })
  expect(parsed.error && sentenceOfIssues(parsed.error)).toBe('members.1.pay: below zero')
})

test('the first field that differs is named with both values; others do not count', () => {
  expect(differenceOf({ pay: 5n, fee: 1n }, { pay: 4n, fee: 2n })).toEqual({
    field: 'pay',
    stated: '5',
    recomputed: '4',
  })
  expect(differenceOf({ pay: 5n, fee: 1n }, { fee: 1n })).toBe(null)
})
