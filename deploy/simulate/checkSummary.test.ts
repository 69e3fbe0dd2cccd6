import { expect, test } from 'vitest'
import { checkSummary } from './checkSummary.ts'
import type { DemoSummary } from './summary.ts'

/** 100 sent = 90 accepted (3 of them restatements) + 6 duplicated + 4 corrupted. */
const readings = { read: 100, accepted: 90, duplicate: 6, rejected: 4, late: 2, corrected: 3 }
const injected = { sent: 100, doubled: 6, delayed: 9, late: 2, corrected: 3, malformed: 4 }
const settlements = [{ payMicros: 730_000 }, { payMicros: '1620000' }]
const solar = {
  sites: 5,
  readings: { sent: 50, stored: 50, negative: 20 },
  settlements: [{ payMicros: 410_000 }],
  claims: { count: 4, sumMicros: '410000' },
  proofs: { verified: 5, bundles: 5 },
}
const right = {
  solar,
  ...{ readings, injected, settlements },
  claims: { count: 16, sumMicros: '2350000' },
  proofs: { verified: 20, bundles: 20 },
} as unknown as DemoSummary

test('a summary that adds up passes', () => {
  expect(() => checkSummary(right)).not.toThrow()
})

test.each<[Partial<DemoSummary>, string]>([
  [{ readings: { ...readings, accepted: 89 } }, '100 were read, but 89 accepted'],
  [{ injected: { ...injected, sent: 101 } }, '101 were sent and 100 read'],
  [
    { injected: { ...injected, doubled: 7 } },
    '7 were duplicated and 3 restated, and 6 counted as duplicates',
  ],
  [{ injected: { ...injected, corrected: 2 } }, '2 restated, and 6 counted as duplicates and 3 as'],
  [
    { injected: { ...injected, doubled: 5, corrected: 4 } },
    '4 were restated and 3 counted as corrections',
  ],
  [{ injected: { ...injected, malformed: 5 } }, '5 malformed and 4 rejected'],
  [{ claims: { count: 15, sumMicros: '2349999' } }, '2349999 micros were paid, and 2350000 owed'],
  [{ proofs: { verified: 19, bundles: 20 } }, '19 of 20 proofs verify'],
  ...[
    [
      { readings: { sent: 50, stored: 49, negative: 20 } },
      '50 readings of homes with PV were sent',
    ],
    [{ readings: { sent: 50, stored: 50, negative: 0 } }, 'no reading of a home with PV is below'],
    [{ claims: { count: 4, sumMicros: '410001' } }, '410001 micros were paid, and 410000 owed'],
    [{ proofs: { verified: 4, bundles: 5 } }, '4 of 5 proofs verify'],
  ].map(([wrong, sentence]): [Partial<DemoSummary>, string] => {
    const of = { ...solar, ...(wrong as object) } as unknown as DemoSummary['solar']
    return [{ solar: of }, String(sentence)]
  }),
])('%j does not add up, and the error says where', (wrong, sentence) => {
  expect(() => checkSummary({ ...right, ...wrong })).toThrow(sentence)
})
