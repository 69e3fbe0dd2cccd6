import { expect, test } from 'vitest'
import { energyMwh } from '../../schemas/units.ts'
import { priceInterval } from '../../serving/settlement/priceInterval.ts'
import { checkEventDraft } from '../client/checkEventDraft.ts'
import { exampleEvent, parseCommentedJson } from './exampleEvent.ts'

const nowMs = Date.UTC(2026, 10, 29, 8, 30)

test('the example is a valid event as printed, with its comments', () => {
  const draft = checkEventDraft(parseCommentedJson(exampleEvent(nowMs)))
  expect(draft).toMatchObject({ id: 'evening-2026-11-30', participants: ['METER-1', 'METER-2'] })
  expect([draft.startMs, draft.endMs]).toEqual([
    Date.UTC(2026, 10, 30, 17),
    Date.UTC(2026, 10, 30, 19),
  ])
})

test('its comment on the penalty says what an interval is charged', () => {
  const words = exampleEvent(nowMs).replace(/\s+\/\/ /g, ' ')
  expect(words).toContain(
    'Charged for each kWh that was ordered and not delivered, and for each kWh used above the ' +
      'baseline.',
  )
  const price = { priceMicrosPerKwh: 250_000n, penaltyMicrosPerKwh: 50_000n }
  const baseline = energyMwh(10_000_000)
  // 2 kWh ordered: 1 of them delivered, then none and 3 kWh above the baseline.
  for (const [metered, short] of [
    [9_000_000, 1_000_000],
    [13_000_000, 5_000_000],
  ] as const) {
    const interval = { baseline, metered: energyMwh(metered), ordered: energyMwh(2_000_000) }
    expect(priceInterval({ ...interval, ...price }).deficiency).toBe(short)
  }
})

test('only whole lines are comments', () => {
  expect(parseCommentedJson('{\n  // "a": 1,\n\t// b\n"url": "http://x//y" }')).toEqual({
    url: 'http://x//y',
  })
  expect(() => parseCommentedJson('{ "a": 1 // no\n}')).toThrow('JSON')
})
