import { expect, test } from 'vitest'
import type { DrEvent, Terms } from '../../schemas/event.ts'
import { buildBaselineCommitment } from '../settlement/buildBaselineCommitment.ts'
import { type BuildSettlementReturnType, buildSettlement } from '../settlement/buildSettlement.ts'
import { accounts, exampleEvent, exampleInputs } from '../settlement/testing/exampleEvent.ts'
import { sentenceOfUnmeasured, unmeasuredOf } from '../settlement/unmeasured.ts'
import type { EventStore } from '../store/eventStore.ts'
import type { KeptRecord } from '../store/readEvents.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { firstProgress } from './announceEvent.ts'
import { eventSecretOf } from './committedInputsOf.ts'
import { settle } from './settleStep.ts'

const inputs = exampleInputs()
const master = new Uint8Array(32).fill(7)
const eventSecret = eventSecretOf({ master }, exampleEvent)
const { root } = buildBaselineCommitment({ ...inputs, eventSecret })

test('an event is settled from its committed inputs', async () => {
  const { shell, kept } = openShell()
  const verified = await settle(shell, firstProgress(exampleEvent))
  expect(verified.state).toBe('verified')
  expect(kept[0]?.record.header.baselinesRoot).toBe(root)
  expect(kept[0]?.record.published.asOf).toEqual({ baselines: [40], readings: [42] })
})

test('what was not measured is counted, and nothing else changes', async () => {
  const { unmeasured } = await settle(openShell().shell, firstProgress(exampleEvent))
  // The fourth of five misses one reading of four, the fifth has no baseline.
  expect(unmeasured).toEqual({ sites: 2, ofSites: 5, intervals: 5, ofIntervals: 8 })
  expect(sentenceOfUnmeasured(unmeasured!)).toBe(
    '2 of 5 sites have no reading or no baseline in 5 of their 8 intervals: nothing is paid or ' +
      'charged for these.',
  )
  const silent = await settle(openShell(new Map()).shell, firstProgress(exampleEvent))
  expect(silent).toMatchObject({
    ...{ state: 'verified', deliveredMwh: 0, deficiencyMwh: 0, problem: null },
    unmeasured: { sites: 5, ofSites: 5, intervals: 20, ofIntervals: 20 },
  })
  const whole = { ...exampleEvent, participants: exampleEvent.participants.slice(0, 3) }
  const measured = buildSettlement({ ...inputs, event: whole, eventSecret }).settlement
  expect(unmeasuredOf(measured)).toBeNull()
})

test.each<[string, DrEvent]>([
  ['price', withTerms({ priceMicrosPerKwh: 67_200_000_000n })],
  ['share that is ordered', withTerms({ orderPpm: 1_000_000 })],
  ['payee', { ...exampleEvent, participants: exampleEvent.participants.map(toSecond) }],
])('another %s since then settles nothing', async (_, event) => {
  const { shell, kept } = openShell()
  await expect(settle(shell, firstProgress(event))).rejects.toThrow(/not those that were committed/)
  expect(kept).toEqual([])
})

/** A store that has the example's inputs and records what is written. */
function openShell(metered = inputs.metered) {
  const kept: KeptRecord[] = []
  const lines: BuildSettlementReturnType[] = []
  const committedInputs = {
    version: 1,
    baselines: inputs.baselines,
    baselinesRoot: root,
    asOf: [40],
  }
  const store: Partial<EventStore> = {
    committedInputs: async () => ({ ...committedInputs, speedFigures: inputs.speedFigures }),
    places: async () => [42],
    readings: async () => metered,
    balances: async () => inputs.balances,
    record: async () => null,
    putLines: async (built) => void lines.push(built),
    putRecord: async (record) => void kept.push(record),
  }
  const clock = { nowMs: () => exampleEvent.endMs, sleep: async () => {} }
  return { shell: { store, clock, master } as unknown as ServingShell, kept }
}

function withTerms(terms: Partial<Terms>): DrEvent {
  return { ...exampleEvent, terms: { ...exampleEvent.terms, ...terms } }
}

function toSecond(participant: DrEvent['participants'][number]) {
  return { ...participant, account: accounts[1]! }
}
