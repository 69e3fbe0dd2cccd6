import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProofBundle } from '../../serving/settlement/bundle/proofBundle.ts'
import type { DemoSummary } from '../simulate/summary.ts'
import { runCommand, runDemoOnce } from './runDemo.ts'

/**
 * The whole pipeline on real engines: chdb, PostgreSQL, LMDB, anvil, onnxruntime; 16 London homes.
 */
const homes = ['--homes', '16']

type Energy = { energyMwh: number }

describe('the demo', { timeout: 480_000 }, () => {
  let summary: DemoSummary
  let dir: string
  beforeAll(async () => {
    const run = await runDemoOnce(homes)
    summary = run.summary
    dir = run.dir
  }, 480_000)

  test('the counters balance and include every injected fault', () => {
    const { read, accepted, duplicate, rejected, corrected } = summary.readings
    expect(read).toBe(accepted + duplicate + rejected)
    expect(read).toBe(summary.injected.sent)
    expect(rejected).toBe(summary.injected.malformed)
    expect(duplicate).toBe(summary.injected.doubled)
    expect(corrected).toBe(summary.injected.corrected)
    expect(summary.readings.late).toBeGreaterThanOrEqual(summary.injected.late)
    expect(rejected).toBeGreaterThan(12)
  })

  test('the forecaster beats seasonal naive', () => {
    expect(summary.forecast.ratio).toBeLessThan(1)
    const { maeWh, naiveMaeWh, ratio } = summary.forecast
    expect(maeWh / naiveMaeWh).toBeCloseTo(ratio, 6)
  })

  test('both events are delivered, settled, final and paid exactly', () => {
    expect(summary.events.map((each) => each.baselineMethod)).toEqual([
      'caiso-10-in-10',
      'caiso-10-in-10',
    ])
    for (const settlement of summary.settlements) {
      expect(settlement.final).toBe(true)
      expect(settlement.leaves).toBe(10)
      expect(3 * Number(settlement.stakeFor)).toBeGreaterThanOrEqual(
        2 * Number(settlement.stakeTotal),
      )
    }
    const owed = summary.settlements.reduce((sum, each) => sum + BigInt(each.payMicros), 0n)
    expect(BigInt(summary.claims.sumMicros)).toBe(owed)
    expect(owed).toBeGreaterThan(0n)
  })

  test('the second event is validated with stake earned in the first', () => {
    expect(summary.settlements[0]?.earnedStakeShare).toBe(0)
    expect(summary.settlements[1]?.earnedStakeShare).toBeGreaterThan(0)
  })

  test('homes with PV are paid by their net meters, and proved, beside London', () => {
    const { solar } = summary
    expect(solar.sites).toBe(5)
    expect(solar.readings.stored).toBe(solar.readings.sent)
    expect(solar.readings.negative).toBeGreaterThan(1_000)
    const [event] = solar.events
    expect(event!.deliveredMwh).toBeGreaterThan(0)
    expect(event!.deliveredMwh! + event!.deficiencyMwh!).toBeGreaterThanOrEqual(event!.orderedMwh!)
    const [settlement] = solar.settlements
    expect(settlement).toMatchObject({ event: event!.id, final: true, leaves: 5 })
    expect(BigInt(solar.claims.sumMicros)).toBe(BigInt(settlement!.payMicros))
    expect(solar.proofs).toEqual({ verified: 5, bundles: 5 })
    const bundles = readdirSync(path.join(dir, 'solar-bundles'))
    const metered = bundles.flatMap((name) => {
      const text = readFileSync(path.join(dir, 'solar-bundles', name), 'utf8')
      return (JSON.parse(text) as ProofBundle).line.intervals.map((each) => Number(each.metered))
    })
    expect(metered.some((energyMwh) => energyMwh < 0)).toBe(true)
  })

  test('every bundle verifies offline, and a tampered one names the wrong part', async () => {
    const bundles = readdirSync(path.join(dir, 'bundles'))
    expect(bundles).toHaveLength(20)
    expect(summary.proofs.verified).toBe(20)

    const file = path.join(dir, 'bundles', bundles[0]!)
    expect((await runCommand(['verify', file])).code).toBe(0)

    const bundle = JSON.parse(readFileSync(file, 'utf8')) as { member: { readings: Energy[] } }
    bundle.member.readings[0]!.energyMwh += 1
    const tampered = path.join(dir, 'tampered.json')
    writeFileSync(tampered, JSON.stringify(bundle))
    const refused = await runCommand(['verify', tampered, '--json'])
    expect(refused.code).toBe(1)
    const verdict = JSON.parse(refused.answer) as { ok: boolean; sentence: string }
    expect(verdict.ok).toBe(false)
    expect(verdict.sentence).toContain('reading')
  })
})
