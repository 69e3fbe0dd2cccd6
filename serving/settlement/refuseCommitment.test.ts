import { expect, test } from 'vitest'
import { sentenceOfRefusal } from './refusal.ts'
import { refuseCommitment } from './refuseCommitment.ts'

const startS = 1_360_602_000
const root = `0x${'11'.repeat(32)}` as const

test('baselines bind when they were committed before the event’s own start', () => {
  const kept = refuseCommitment({ root, startS, committedAtS: startS - 900 }, startS * 1000)
  expect(kept).toBe(null)
})

test('a commitment for a later start than the event had does not bind', () => {
  const commitment = { root, startS: startS + 86_400, committedAtS: startS + 7200 }
  expect(sentenceOfRefusal(refuseCommitment(commitment, startS * 1000)!)).toMatch(
    /committed for a start at 2013-02-12T17:00:00.000Z; the event started at 2013-02-11T17:00/,
  )
})

test('at the start is too late', () => {
  const commitment = { root, startS, committedAtS: startS }
  const refusal = refuseCommitment(commitment, startS * 1000)!
  expect(refusal).toEqual({ code: 'committed-late', committedAtMs: startS * 1000 })
  expect(sentenceOfRefusal(refusal)).toMatch(/after the start/)
})
