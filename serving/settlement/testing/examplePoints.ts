import type { MeterReadings } from '../../../schemas/baseline/computeBaseline.ts'
import type { DrEvent, SettledPoint } from '../../../schemas/event.ts'
import { type MeterId, meterId } from '../../../schemas/ids.ts'
import type { PointTerm } from '../../../schemas/pointTerm.ts'
import { energyMwh } from '../../../schemas/units.ts'
import type { BuildSettlementParameters } from '../buildSettlement.ts'
import { computeEventBaselines } from '../eventBaselines.ts'
import { exampleEvent, exampleHistory, exampleInputs } from './exampleEvent.ts'

const { startMs, participants: members } = exampleEvent
const stepMs = 1_800_000
const ids = members.map(({ meter }) => meter) as [MeterId, MeterId, MeterId, MeterId]
const [plain, , , heater] = ids
export const [, net, solar] = ids
const building = meterId('SITE-NET')
export const generation = meterId('SOLAR-PV')

export const add = (meter: MeterId): PointTerm => ({ meter, sign: 1 })
export const pointOf = (
  terms: readonly PointTerm[],
  rest: Partial<SettledPoint> = {},
): SettledPoint => {
  return { mayBeNegative: true, terms, boundary: [], ...rest }
}

/**
 * Four sites: a meter that only takes, a net meter, a load behind PV (net + generation), and a
 * heater behind a building whose own connection limits it.
 */
export const pointsEvent: DrEvent = {
  ...exampleEvent,
  participants: [
    members[0]!,
    { ...members[1]!, point: pointOf([add(net)]) },
    { ...members[2]!, point: pointOf([add(solar), add(generation)]) },
    {
      ...members[3]!,
      point: pointOf([add(heater)], { mayBeNegative: false, boundary: [add(building)] }),
    },
  ],
}

/** The example's history moved by so much, and four intervals of the event. */
export function site(moveMwh: number, inEvent: readonly (number | null)[]): MeterReadings {
  const history = [...exampleHistory(0)].map(([ms, mwh]) => [ms, energyMwh(mwh + moveMwh)] as const)
  const own = inEvent.flatMap((mwh, slot) =>
    mwh === null ? [] : [[startMs + slot * stepMs, energyMwh(mwh)] as const],
  )
  return new Map([...history, ...own])
}

// The example's evening is 400,000 an interval and its window 150,000.
export const pointReadings = new Map<MeterId, MeterReadings>([
  [plain, site(0, [380_000, 380_000, 360_000, 300_000])],
  // Feeds in 300,000 in the evening; asked for a tenth of that more.
  [net, site(-700_000, [-300_000, -315_000, -330_000, -500_000])],
  // Usually net -600,000 and generation 900,000.
  [solar, site(-1_000_000, [-600_000, -640_000, null, -600_000])],
  [generation, site(500_000, [900_000, 900_000, 900_000, 900_000])],
  // The heater is down by 40,000 and more; the building by nothing, 10,000, 100,000, and up.
  [heater, site(0, [360_000, 360_000, 300_000, 360_000])],
  [building, site(1_000_000, [1_400_000, 1_390_000, 1_300_000, 1_450_000])],
])

export function pointInputs(): BuildSettlementParameters {
  const { baselines } = computeEventBaselines(pointsEvent, pointReadings)
  const own = { event: pointsEvent, baselines, metered: pointReadings, balances: new Map() }
  return { ...exampleInputs(), ...own }
}
