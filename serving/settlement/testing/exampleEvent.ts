import type { MeterReadings } from '../../../schemas/baseline/computeBaseline.ts'
import type { DrEvent } from '../../../schemas/event.ts'
import { deriveSecret } from '../../../schemas/hash.ts'
import { type Address, eventId, type MeterId, meterId } from '../../../schemas/ids.ts'
import type { AccountBalance } from '../../../schemas/settlement.ts'
import { addDays, type EpochMs, localDayOf, localToEpochMs } from '../../../schemas/time.ts'
import { type EnergyMwh, energyMwh, moneyMicros } from '../../../schemas/units.ts'
import type { BuildSettlementParameters } from '../buildSettlement.ts'
import { computeEventBaseline, type MeterBaseline } from '../eventBaselines.ts'

const zone = 'Europe/London'
const stepMs = 1_800_000

/** Accounts of the example: the second and fifth meters share one. */
export const accounts = [1, 2, 3, 4, 2].map(
  (each) => `0x${each.toString(16).padStart(40, '0')}` as Address,
)
export const meters = accounts.map((_, index) => meterId(`MAC00000${index + 1}`))

/** Monday, two hours, four half-hours; a reduction of a tenth is ordered. For tests. */
export const exampleEvent: DrEvent = {
  id: eventId('high-2013-02-11'),
  terms: {
    programme: 'london-tou',
    version: 1,
    currency: 'GBP',
    priceMicrosPerKwh: 672_000n,
    penaltyMicrosPerKwh: 100_000n,
    orderPpm: 100_000,
    baselineMethod: 'caiso-10-in-10',
    bandWh: 250,
    commitLeadS: 1800,
    latenessS: 7200,
  },
  zone,
  startMs: localToEpochMs('2013-02-11T17:00', zone),
  endMs: localToEpochMs('2013-02-11T19:00', zone),
  intervalS: 1800,
  participants: meters.map((meter, index) => ({ meter, account: accounts[index]! })),
  controls: [],
  excludedDates: ['2013-02-05'],
  holidays: ['2013-01-01'],
  announcedMs: localToEpochMs('2013-02-10T17:00', zone),
}

/**
 * Five meters: the first delivers its order, the second half of it, the third uses more than its
 * baseline, the fourth misses a reading, the fifth has no history and so no baseline.
 */
export function exampleInputs(): BuildSettlementParameters {
  const event = exampleEvent
  const shares = [0.85, 0.95, 1.1, 0.9, 0.9]
  const metered = new Map<MeterId, Map<EpochMs, EnergyMwh>>()
  const baselines = new Map<MeterId, MeterBaseline>()
  for (const [index, meter] of meters.entries()) {
    const baseline = index < 4 ? computeEventBaseline(event, exampleHistory(index)) : null
    if (baseline) baselines.set(meter, baseline)
    const level = 400_000 + 10_000 * index
    const readings = Array.from({ length: 4 }, (_, slot): [EpochMs, EnergyMwh] => [
      event.startMs + slot * stepMs,
      energyMwh(Math.round(level * shares[index]!)),
    ])
    metered.set(meter, new Map(index === 3 ? readings.slice(1) : readings))
  }
  return {
    event,
    revision: 1,
    asOf: { baselines: [40, 30], readings: [42, 30] },
    eventSecret: deriveSecret(new Uint8Array(32).fill(7), event.id),
    baselines,
    metered,
    speedFigures: new Map(meters.map((meter, index) => [meter, index === 4 ? null : 1000 * index])),
    balances: new Map<Address, AccountBalance>([
      [accounts[0]!, { entitled: moneyMicros(5_000_000n), debt: moneyMicros(20_000n) }],
    ]),
  }
}

/** Readings of the days before the event: one level by day, another in the evening. */
export function exampleHistory(index: number): MeterReadings {
  const { startMs } = exampleEvent
  const eventDay = localDayOf(startMs, zone)
  const readings = new Map<EpochMs, EnergyMwh>()
  for (let day = addDays(eventDay, -30, zone); day.startMs < eventDay.endMs; ) {
    for (let ms = day.startMs; ms < Math.min(day.endMs, startMs - stepMs); ms += stepMs) {
      const isEvening = ms - day.startMs >= 17 * 3_600_000
      readings.set(ms, energyMwh((isEvening ? 400_000 : 150_000) + 10_000 * index))
    }
    day = addDays(day, 1, zone)
  }
  return readings
}
