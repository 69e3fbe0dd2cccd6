import { expect, test } from 'vitest'
import type { EventProblem } from '../../schemas/errors/eventProblem.ts'
import { StoredRecordError } from '../../schemas/errors/views.ts'
import { buildBaselineCommitment } from '../settlement/buildBaselineCommitment.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { buildSpeedCommitment } from '../settlement/buildSpeedCommitment.ts'
import { computeSpeedFigures, deliveredMwhOf } from '../settlement/speedFigures.ts'
import { exampleEvent, exampleInputs, meters } from '../settlement/testing/exampleEvent.ts'
import {
  type CommittedInputs,
  decodeCommittedInputs,
  encodeCommittedInputs,
} from '../store/committedInputs.ts'
import { decodeProgress, encodeProgress, isSameEvent } from '../store/progressJson.ts'
import { firstProgress } from './announceEvent.ts'
import { reach } from './reach.ts'

const inputs = exampleInputs()

test('an event is read from its row as it was written, prices beyond 2^53 too', () => {
  const price = { priceMicrosPerKwh: 2n ** 60n, penaltyMicrosPerKwh: 3n }
  const event = { ...exampleEvent, terms: { ...exampleEvent.terms, ...price } }
  const progress = reach(firstProgress(event), 'committed', { nowMs: 5, orderedMwh: 7 })
  const row = encodeProgress(progress)
  expect(decodeProgress(event.id, row.body)).toEqual(progress)
  const damaged = row.body.replace('"committed",', '"commited",')
  expect(() => decodeProgress(event.id, damaged)).toThrow(`The stored event ${event.id}`)
  expect(row).toMatchObject({ event_id: event.id, state: 'committed', ordered_mwh: 7 })
  expect(() => decodeProgress(event.id, '{}')).toThrow(StoredRecordError)
  expect(() => decodeProgress(event.id, '{')).toThrow(StoredRecordError)
})

test.each<EventProblem>([
  { kind: 'not-committed' },
  { kind: 'archive-behind', before: '2013-02-11T16:45:00.000Z' },
  { kind: 'settles-after', event: 'other' },
  { kind: 'objected' },
  { kind: 'refused', error: 'not-now', data: { origin: 'http://a', tries: 3 }, sentence: 'No.' },
  { kind: 'internal', logId: '12ab34cd' },
])('a problem is stored as data: %o', (problem) => {
  const { event_id: id, body } = encodeProgress({ ...firstProgress(exampleEvent), problem })
  expect(decodeProgress(id, body).problem).toEqual(problem)
  expect(() => decodeProgress(id, body.replace(problem.kind, 'other'))).toThrow(StoredRecordError)
})

test('only the time of announcement may differ between equal events', () => {
  expect(isSameEvent(exampleEvent, { ...exampleEvent, announcedMs: 1 })).toBe(true)
  expect(isSameEvent(exampleEvent, { ...exampleEvent, endMs: 1 })).toBe(false)
  const terms = { ...exampleEvent.terms, priceMicrosPerKwh: 1n }
  expect(isSameEvent(exampleEvent, { ...exampleEvent, terms })).toBe(false)
})

test('a state is reached once, and an event never goes back', () => {
  const first = reach(firstProgress(exampleEvent), 'proposed', { nowMs: 10 })
  expect(first.reachedMs).toMatchObject({ proposed: 10 })
  expect(reach(first, 'proposed', { nowMs: 20 })).toBe(first)
  expect(reach(first, 'committed', { nowMs: 20, orderedMwh: 1 })).toBe(first)
  const stuck = { ...first, problem: { kind: 'objected' } as const }
  expect(reach(stuck, 'attested', { nowMs: 30 }).problem).toBe(null)
})

test('committed baselines are read from the store with the same root', () => {
  const { event, eventSecret, baselines } = inputs
  const { root } = buildBaselineCommitment({ event, eventSecret, baselines })
  const committedInputs = {
    version: 3,
    baselines,
    baselinesRoot: root,
    asOf: [40],
    speedFigures: null,
  }
  const back = decodeCommittedInputs(event.id, storedAs(committedInputs))
  expect(buildBaselineCommitment({ event, eventSecret, baselines: back.baselines }).root).toBe(root)
  expect(back.baselinesRoot).toBe(root)
  const figures = { ...committedInputs, speedFigures: new Map([[meters[0]!, 5]] as const) }
  expect(decodeCommittedInputs(event.id, storedAs(figures))).toEqual(figures)
})

test.each([
  ['{}', 'baselines: '],
  ['{"baselines":', 'the whole: '],
  ['', 'the whole: '],
  [
    '{"baselines":[],"baselinesRoot":"0x12","asOf":[1],"speedFigures":null}',
    'baselinesRoot: not 32 bytes',
  ],
])('committed inputs %s are refused by name', (body, issue) => {
  const decode = () => decodeCommittedInputs('e-1', { version: 1, body })
  expect(decode).toThrow(StoredRecordError)
  expect(decode).toThrow(`The stored committed inputs of event e-1 cannot be read: ${issue}`)
})

function storedAs(inputs: CommittedInputs) {
  return { version: inputs.version, body: encodeCommittedInputs(inputs) }
}

test('speed figures apply the settlement’s formula to the energies of the view', () => {
  const { event, eventSecret, baselines, metered } = inputs
  const figures = computeSpeedFigures({ event, baselines, shown: metered })
  const built = buildSettlement({ ...inputs, speedFigures: figures })
  const delivered = built.settlement.lines.map(({ delivered }) => delivered)
  expect(deliveredMwhOf(figures)).toBe(delivered.reduce<number>((sum, each) => sum + each, 0))
  // The fifth meter has no baseline: its figure is null, not zero.
  expect([...figures.values()]).toEqual([...delivered.slice(0, 4), null])
  const speed = buildSpeedCommitment({ event, eventSecret, speedFigures: figures })
  expect(built.header.speedRoot).toBe(speed.root)
})
