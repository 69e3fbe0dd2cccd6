import type { DrEvent, Terms } from '../../../schemas/event.ts'
import { eventId, meterId } from '../../../schemas/ids.ts'
import { intervalAt } from '../../../schemas/meter/grid.ts'
import type { MeterKind } from '../../../schemas/meter/kind.ts'
import { firstStep } from '../../../schemas/meter/step.ts'
import { aMeter } from '../../../schemas/meter/testing/aMeter.ts'
import type { Act } from '../../../schemas/reading/acts.ts'
import type { Reading } from '../../../schemas/reading/reading.ts'
import { addDays, type LocalDay, localDayNamed } from '../../../schemas/time.ts'
import { announceEvent } from '../../../serving/programme/announceEvent.ts'
import { type Random, seededRandom } from '../../simulate/random.ts'
import { wordsOf } from './drawWords.ts'
import type { FleetMeter, StageName, World } from './world.ts'

const hourMs = 3_600_000
const historyDays = 4
/** Local hours with readings: a day counts for a baseline with half of its own. */
const saidHours = { from: 4, until: 19 }
const eventHours = { from: 15, until: 16 }

/** The event's day: ordinary ones, and some on which a clock changes. */
const days = [
  ['2013-02-12', 'Europe/London'],
  ['2013-03-31', 'Europe/London'],
  ['2013-10-27', 'Europe/London'],
  ['2013-11-05', 'America/New_York'],
  ['2013-04-07', 'Australia/Lord_Howe'],
  ['2013-06-04', 'Asia/Kathmandu'],
] as const
const otherZones = ['Asia/Kolkata', 'America/New_York', 'Australia/Lord_Howe'] as const

const terms: Terms = {
  ...{ programme: 'seeds', version: 1, currency: 'GBP', orderPpm: 100_000 },
  ...{ priceMicrosPerKwh: 500_000n, penaltyMicrosPerKwh: 50_000n, bandWh: 300 },
  ...{ baselineMethod: 'caiso-10-in-10', commitLeadS: 900, latenessS: 7_200 },
}

/** The same for the same seed. */
export function drawWorld(seed: string): World {
  const random = seededRandom(`world ${seed}`)
  const [date, zone] = days[random.below(days.length)]!
  const day = localDayNamed(date, zone)
  const meters = drawFleet(zone, random)
  const event = announce(meters, day, zone)
  const stages: Record<StageName, { readings: Reading[]; acts: Act[] }> = {
    history: { readings: [], acts: [] },
    morning: { readings: [], acts: [] },
    rest: { readings: [], acts: [] },
  }
  for (const each of meters) {
    for (const startMs of startsOf(each, day, zone)) {
      const isEarly = startMs < event.startMs - terms.commitLeadS * 1000
      const stage = startMs < day.startMs ? 'history' : isEarly ? 'morning' : 'rest'
      for (const word of wordsOf({ meter: each, startMs, stage, random })) {
        stages[word.stage].readings.push(word.reading)
      }
    }
  }
  const late = random.below(2) === 0 ? stages.morning : stages.rest
  late.acts.push({ kind: 'withdrawal', ingest: 'wrong' })
  const fromMs = day.startMs + (random.below(24) - 12) * hourMs
  stages.rest.acts.push({ kind: 'rank', source: 'dso', fromMs, rank: random.below(3) - 1 })
  return { seed, meters, event, day, stages }
}

/** Net meters that feed in, PV behind one of them, a minute's meter, a sub-meter, another zone. */
function drawFleet(zone: string, random: Random): FleetMeter[] {
  const stepS = [900, 1800, 1800][random.below(3)]!
  const farS = [1800, 3600, 3600][random.below(3)]!
  const farZone = otherZones[random.below(otherZones.length)]!
  const drawn: readonly (readonly [string, string, MeterKind, number, number])[] = [
    ['ROOF', 'ROOF', 'net', 1800, 1],
    ['HOUSE-NET', 'HOUSE', 'net', stepS, 2],
    ['HOUSE-PV', 'HOUSE', 'generation', stepS, 0],
    ['SHED', 'SHED', 'import', stepS, 3],
    ['SHED-EV', 'SHED', 'appliance', stepS, 0],
    ['MINUTE', 'MINUTE', 'import', 60, 4],
    ['FAR', 'FAR', 'import', farS, 0],
  ]
  return drawn.map(([meter, site, kind, intervalS, payee]) => ({
    ...{ meter: meterId(meter), site, kind, intervalS },
    zone: meter === 'FAR' ? farZone : zone,
    groups: random.below(3) === 0 ? 'north feeder:F' : 'north',
    account: payee === 0 ? '' : `0x${String(payee).padStart(40, '0')}`,
  }))
}

function announce(meters: readonly FleetMeter[], day: LocalDay, zone: string): DrEvent {
  const { fromMs, untilMs } = hoursOf(day, zone, eventHours)
  return announceEvent({
    draft: {
      ...{ id: eventId('seeds'), terms, startMs: fromMs, endMs: untilMs },
      participants: ['ROOF', 'HOUSE', 'SHED', 'MINUTE'].map(meterId),
      ...{ controls: [], excludedDates: [], holidays: [] },
    },
    meters: meters.map(({ groups: _, account, ...each }) =>
      aMeter({
        ...each,
        steps: firstStep(each.intervalS),
        account: account === '' ? null : (account as `0x${string}`),
      }),
    ),
    points: [
      {
        ...{ site: 'HOUSE', programme: terms.programme, fromMs: 0 },
        terms: ['HOUSE-NET', 'HOUSE-PV'].map((name) => ({
          meter: meterId(name),
          sign: 1 as const,
        })),
      },
    ],
    ...{ others: [], nowMs: day.startMs },
  })
}

/** The starts of a meter's intervals in the hours that something is said of. */
function* startsOf(meter: FleetMeter, day: LocalDay, zone: string): Generator<number> {
  const grid = { zone: meter.zone, steps: firstStep(meter.intervalS) }
  // A minute's meter has those of the event alone.
  const hours = meter.intervalS === 60 ? eventHours : saidHours
  for (let back = historyDays; back >= 0; back--) {
    const { fromMs, untilMs } = hoursOf(addDays(day, -back, zone), zone, hours)
    let own = intervalAt(grid, fromMs)
    for (; own.endMs <= untilMs; own = intervalAt(grid, own.endMs)) {
      if (own.startMs >= fromMs) yield own.startMs
    }
  }
}

/** Hours after noon of a local day, which no change of a clock moves. */
function hoursOf(day: LocalDay, zone: string, hours: { from: number; until: number }) {
  const next = addDays(day, 1, zone).startMs
  const noonMs = next - 12 * hourMs
  return {
    fromMs: noonMs + (hours.from - 12) * hourMs,
    untilMs: noonMs + (hours.until - 12) * hourMs,
  }
}
