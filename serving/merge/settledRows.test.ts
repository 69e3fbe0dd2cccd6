import { expect, test } from 'vitest'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { exampleEvent, exampleInputs, meters } from '../settlement/testing/exampleEvent.ts'
import { pointInputs, pointReadings, pointsEvent } from '../settlement/testing/examplePoints.ts'
import { compareEvent } from './compareEvent.ts'
import { settledRows } from './settledRows.ts'
import type { ComparedRow } from './sumRows.ts'

const { startMs, endMs } = exampleEvent
const stepMs = 1_800_000
const inputs = exampleInputs()
const built = buildSettlement(inputs)
const record = {
  ...{ format: 'wattproof-settlement-1' as const, state: 'final' as const, period: 1 },
  ...{ published: built.published, header: built.header, members: built.members },
  ...{ chain: null, verdicts: [] },
}
const rowOf = (meter: string, atMs: number, energyMwh: number): ComparedRow => ({
  ...{ meter: meter as ComparedRow['meter'], startMs: atMs, durationS: 1800 },
  ...{ energyMwh, deviationW: -100, origin: 'speed' },
})
const before = rowOf(meters[0]!, startMs - stepMs, 300_000)
const after = rowOf(meters[0]!, endMs, 310_000)

test('a correction after the settlement does not change what was delivered', () => {
  const corrected = rowOf(meters[0]!, startMs, 9_000_000)
  const settled = settledRows({ event: exampleEvent, record, rows: [before, corrected, after] })
  expect(settled.at(0)).toBe(before)
  expect(settled.at(-1)).toBe(after)
  const compared = compareEvent({
    ...{ event: exampleEvent, window: null, rows: settled, committed: inputs.baselines },
    ...{ range: { startMs: startMs - stepMs, endMs: endMs + stepMs }, isVerified: true },
  })
  expect(built.settlement.delivered).toBeGreaterThan(0)
  expect(compared.deliveredMwh).toBe(built.settlement.delivered)
  const deliveredOf = new Map(
    built.settlement.lines.map((line) => [line.meter as string, line.delivered]),
  )
  for (const { meter, deliveredMwh } of compared.members) {
    expect(deliveredMwh).toBe(deliveredOf.get(meter))
  }
})

test('a reading that came after the settlement is left out, one that is gone is kept', () => {
  // The fourth misses a reading in the settlement.
  const missing = built.settlement.lines[3]!.missing[0]!
  const late = rowOf(meters[3]!, missing, 400_000)
  const settled = settledRows({ event: exampleEvent, record, rows: [late] })
  const own = settled.filter(({ meter }) => meter === meters[3])
  expect(own.map((row) => row.startMs)).not.toContain(missing)
  expect(own).toHaveLength(3)
  expect(own.every(({ origin }) => origin === 'batch')).toBe(true)
})

test('of points, live and settled, the figures are those of the lines', () => {
  const points = pointInputs()
  const settlement = buildSettlement(points)
  const ofPoints = {
    ...record,
    ...{ published: settlement.published, header: settlement.header },
    members: settlement.members,
  }
  const range = { startMs: startMs - stepMs, endMs: endMs + stepMs }
  const shown = [...pointReadings].flatMap(([meter, readings]) =>
    [...readings].flatMap(([ms, mwh]) => (ms >= startMs ? [rowOf(meter, ms, mwh)] : [])),
  )
  const settled = settledRows({ event: pointsEvent, record: ofPoints, rows: shown })
  for (const rows of [shown, settled]) {
    const compared = compareEvent({
      ...{ event: pointsEvent, window: null, rows, committed: points.baselines },
      ...{ range, isVerified: rows === settled },
    })
    expect(compared.members.map(({ meter, deliveredMwh }) => [meter, deliveredMwh])).toEqual(
      settlement.settlement.lines.map(({ meter, delivered }) => [meter, delivered]),
    )
    expect(compared.deliveredMwh).toBe(settlement.settlement.delivered)
  }
  expect(settlement.settlement.delivered).toBeGreaterThan(100_000)
})

test('around an event a point is the sum of its terms, where all have the interval', () => {
  const [, , { meter, point } = { meter: meters[2]!, point: undefined }] = pointsEvent.participants
  const [load, generation] = point!.terms.map((term) => term.meter)
  const at = startMs - stepMs
  const rows = [rowOf(load!, at, -600_000), rowOf(generation!, at, 900_000)]
  const only = [...rows, rowOf(load!, at - stepMs, -1)]
  const compared = compareEvent({
    ...{ event: pointsEvent, window: null, rows: only, committed: null, isVerified: false },
    range: { startMs: at - stepMs, endMs },
  })
  const own = compared.members.find((each) => each.meter === meter)!
  // 300,000 mWh in half an hour are 600 W; both are 100 W below their baselines.
  expect(own.intervals).toMatchObject([{ loadW: 600, deviationW: -200, baselineW: 800 }])
})
