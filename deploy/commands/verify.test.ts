import { expect, test } from 'vitest'
import { bundleCheck } from '../../serving/settlement/bundle/bundleCheck.ts'
import { verifyBundle } from '../../serving/settlement/bundle/verifyBundle.ts'
import { describeChecks } from './verify.ts'

test('what is no bundle is refused in one sentence', () => {
  expect(describeChecks(verifyBundle({}))).toMatch(/^NO {2}This is not a proof bundle: .*$/)
})

test('the verdict follows the checks', () => {
  const checks = [bundleCheck('terms', { code: 'terms' }, '')]
  const sentence = 'Invalid (terms): The terms are not those the header names.'
  const text = `NO  The terms are not those the header names.\n${sentence}`
  expect(describeChecks({ ok: false, checks, sentence })).toBe(text)
})
