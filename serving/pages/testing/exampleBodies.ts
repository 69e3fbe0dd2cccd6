import type { Event, EventDeviations } from '../../shapes/events.ts'

/** Example answers of the API: Monday, 17:00 to 18:00, two half-hours. */
export const exampleEvent: Event = {
  id: 'high-2013-02-11',
  state: 'running',
  start: '2013-02-11T17:00:00.000Z',
  end: '2013-02-11T18:00:00.000Z',
  zone: 'Europe/London',
  intervalS: 1800,
  terms: {
    programme: 'london',
    version: 1,
    currency: 'GBP',
    priceMicrosPerKwh: 500_000,
    penaltyMicrosPerKwh: 50_000,
    orderPpm: 100_000,
    baselineMethod: 'caiso-10-in-10',
    bandWh: 1500,
    commitLeadS: 900,
    latenessS: 7200,
  },
  announced: '2013-02-11T00:00:00.000Z',
  reached: {
    announced: '2013-02-11T00:00:00.000Z',
    committed: '2013-02-11T16:45:00.000Z',
    running: '2013-02-11T17:00:00.000Z',
  },
  participants: 2,
  controls: 0,
  excludedDates: [],
  holidays: [],
  isWithheld: false,
  orderedMwh: 1_000_000,
  speedDeliveredMwh: null,
  deliveredMwh: null,
  deficiencyMwh: null,
  verifications: [],
  baselinesRoot: null,
  speedRoot: null,
  period: null,
  warning: null,
  isStuck: false,
  problem: null,
}

type Interval = EventDeviations['intervals'][number]

export function exampleInterval(start: string, over: Partial<Interval> = {}): Interval {
  return {
    start,
    durationS: 1800,
    phase: 'event',
    members: 2,
    loadW: 8000,
    baselineW: 10_000,
    deviationW: -2000,
    orderedW: 1000,
    deliveredW: 800,
    orderedMwh: 500_000,
    deliveredMwh: 400_000,
    origin: 'speed',
    ...over,
  }
}

export const exampleDeviations: EventDeviations = {
  id: exampleEvent.id,
  from: '2013-02-11T11:00:00.000Z',
  to: '2013-02-11T20:00:00.000Z',
  start: exampleEvent.start,
  end: exampleEvent.end,
  adjustment: { start: '2013-02-11T13:00:00.000Z', end: '2013-02-11T16:00:00.000Z' },
  orderedMwh: 1_000_000,
  deliveredMwh: 900_000,
  intervals: [
    exampleInterval('2013-02-11T16:30:00.000Z', {
      ...{ phase: 'before', orderedW: 0, deliveredW: 0, orderedMwh: 0, deliveredMwh: 0 },
    }),
    exampleInterval('2013-02-11T17:00:00.000Z'),
    exampleInterval('2013-02-11T17:30:00.000Z', { deliveredW: 1000, deliveredMwh: 500_000 }),
  ],
  isProvisional: true,
}
