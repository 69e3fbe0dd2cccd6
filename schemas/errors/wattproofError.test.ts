import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { InvariantError, RetryableError } from './wattproofError.ts'

test('an error without a cause has none to print, and one with a cause prints it', () => {
  const alone = new InvariantError('The sums differ.')
  expect('cause' in alone).toBe(false)
  expect(inspect(alone)).not.toContain('cause')

  const behind = new RangeError('out of range')
  const caused = new RetryableError('Later.', {}, behind)
  expect(caused.cause).toBe(behind)
  expect(inspect(caused)).toContain('[cause]: RangeError: out of range')
})
