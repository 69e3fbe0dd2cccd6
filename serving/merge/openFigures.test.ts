import { expect, test } from 'vitest'
import type { EventProgress } from '../../schemas/event.ts'
import { firstProgress } from '../programme/announceEvent.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { exampleEvent, exampleInputs, meters } from '../settlement/testing/exampleEvent.ts'
import { describeEvent } from './describeEvent.ts'
import { describeSettlement } from './describeSettlement.ts'
import { reconcileEvent } from './reconcileEvent.ts'

/** What is public about an event of this many meters, and what needs the token. */
const verification = {
  ...{ method: 'control-group', orderedMwh: 7, deliveredMwh: 5, deficiencyMwh: 2 },
  ...{ placeboRrmse: null, placeboBias: null },
}
const figures = {
  ...{ orderedMwh: 7, speedDeliveredMwh: 5, deliveredMwh: 6, deficiencyMwh: 1 },
  verifications: [verification],
}
const unmeasured = { sites: 1, ofSites: 5, intervals: 2, ofIntervals: 4 }
const shown = { ...figures, warning: expect.stringContaining('1 of 5 sites have no reading') }
const nothing = {
  ...{
    warning: null,
    orderedMwh: null,
    speedDeliveredMwh: null,
    deliveredMwh: null,
    deficiencyMwh: null,
  },
  verifications: [],
}

function progressOf(count: number): EventProgress {
  const participants = exampleEvent.participants.slice(0, count)
  const first = firstProgress({ ...exampleEvent, participants })
  return { ...first, ...figures, unmeasured, state: 'verified' }
}

function recordOf(count: number) {
  const { published, header, members } = buildSettlement(exampleInputs())
  const rest = { state: 'settled', period: null, chain: null, verdicts: [] } as const
  return {
    ...{ format: 'wattproof-settlement-1' as const, header, ...rest },
    published: { ...published, members: published.members.slice(0, count) },
    members: members.slice(0, count),
  }
}

test.each([
  [1, false, nothing],
  [4, false, nothing],
  [5, false, shown],
  [1, true, shown],
])('an event of %d meters, with the token: %s', (count, isTrusted, expected) => {
  const event = describeEvent({ progress: progressOf(count), settlementNumber: null, isTrusted })
  expect(event).toMatchObject({
    ...expected,
    participants: count,
    isWithheld: expected === nothing,
  })
  expect(event.members?.length).toBe(isTrusted ? count : undefined)
})

test.each([
  [4, false, false, undefined],
  [5, false, true, undefined],
  [1, true, true, 1],
])('a settlement of %d lines, with the token: %s', (count, isTrusted, hasTotals, lines) => {
  const described = describeSettlement({ record: recordOf(count), isTrusted })
  expect(described.totals !== null).toBe(hasTotals)
  expect(described.lines?.length).toBe(lines)
})

test.each([
  [4, false, null],
  [5, false, 1],
  [4, true, 1],
])('two figures of %d meters, with the token: %s', (count, isTrusted, differenceMwh) => {
  const asked = { progress: progressOf(count), record: recordOf(count), isTrusted }
  const described = reconcileEvent(asked)
  expect(described.differenceMwh).toBe(differenceMwh)
  const named = described.members?.map(({ meter }) => meter)
  expect(named).toEqual(isTrusted ? meters.slice(0, count) : undefined)
  if (differenceMwh === null) expect(described.sentence).not.toMatch(/\d/)
})
