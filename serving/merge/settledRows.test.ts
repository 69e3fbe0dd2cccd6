import { expect, test } from 'vitest'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { exampleEvent, exampleInputs, meters } from '../settlement/testing/exampleEvent.ts'
import { type ComparedRow, compareEvent } from './compareEvent.ts'
import { settledRows } from './settledRows.ts'

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
