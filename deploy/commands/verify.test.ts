import { expect, test } from 'vitest'
import { verifyBundle } from '../../serving/settlement/bundle/verifyBundle.ts'
import { describeChecks } from './verify.ts'

test('what is no bundle is refused in one sentence', () => {
  expect(describeChecks(verifyBundle({}))).toMatch(/^NO {2}This is no proof bundle: .*$/)
})

test('the verdict follows the checks', () => {
  const checks = [{ name: 'line', ok: false, sentence: 'The line is wrong.' }]
  const sentence = 'Invalid (line): The line is wrong.'
  const text = 'NO  The line is wrong.\nInvalid (line): The line is wrong.'
  expect(describeChecks({ ok: false, checks, sentence })).toBe(text)
})
