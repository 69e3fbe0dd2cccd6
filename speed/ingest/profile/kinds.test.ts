import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { readWithProfile } from './readWithProfile.ts'

/** A file, how it is said to be read, and its readings as `MM-DDTHH:mm mWh`, or a refusal. */
type Case = readonly [
  what: string,
  file: string,
  profile: Profile,
  expected: readonly string[] | string,
]

const half: Profile = { layout: 'wide', unit: 'kWh' }
const dated = 'meter,date,start time,end time,kWh\n'

/** Rows of 1 January. */
function newYear(...rows: string[]): string {
  return `start,A\n${rows.map((row) => `2024-01-01T${row}\n`).join('')}`
}

describe('delimiter, decimal sign and mean power', () => {
  cases([
    [
      'tab',
      'start\tA\n2024-02-01T00:00Z\t4,03\n2024-02-01T00:30Z\t2,01\n',
      { ...half, unit: 'kW' },
      ['02-01T00:00 2015000', '02-01T00:30 1005000'],
    ],
    [
      'pipe and point',
      'start|A\n2024-02-01T00:00Z|4.03\n2024-02-01T00:30Z|2.01\n',
      half,
      ['02-01T00:00 4030000', '02-01T00:30 2010000'],
    ],
    [
      'thousands point and decimal comma',
      'start;A\n2024-02-01T00:00Z;1.234,5\n2024-02-01T00:15Z;12,25\n',
      { ...half, unit: 'W' },
      ['02-01T00:00 308625', '02-01T00:15 3062'],
    ],
    [
      'thousands comma and decimal point',
      'start,A\n2024-02-01T00:00Z,"1,234.5"\n2024-02-01T00:15Z,12.25\n',
      half,
      ['02-01T00:00 1234500000', '02-01T00:15 12250000'],
    ],
    [
      'quoted 1,234 alone',
      'start,A\n2024-02-01T00:00Z,"1,234"\n2024-02-01T00:30Z,"2,345"\n',
      half,
      '"1,234" can be read as decimal comma or as thousands: say decimal',
    ],
    [
      'quoted 1,234, said',
      'start,A\n2024-02-01T00:00Z,"1,234"\n2024-02-01T00:30Z,"2,345"\n',
      { ...half, decimal: ',' },
      ['02-01T00:00 1234000', '02-01T00:30 2345000'],
    ],
    [
      'unquoted decimal comma',
      'start,A\n2024-02-01T00:00Z,1,5\n2024-02-01T00:30Z,2,5\n',
      half,
      'wholly refused: ',
    ],
    [
      'day and month are uncertain',
      'start,A\n01/02/2024 00:00,1.5\n01/02/2024 00:30,1.5\n',
      half,
      '"01/02/2024 00:00" can be read as d/M/yyyy H:mm or as M/d/yyyy H:mm: say dateFormat',
    ],
    [
      'a day after the twelfth',
      'start,A\n12/02/2024 23:30,1.5\n13/02/2024 00:00,1.5\n',
      half,
      ['02-12T23:30 1500000', '02-13T00:00 1500000'],
    ],
    [
      'months by name',
      'start,A\n1-Feb-2024 00:00,1.5\n1-Feb-2024 00:30,1.5\n',
      half,
      ['02-01T00:00 1500000', '02-01T00:30 1500000'],
    ],
    [
      'half a day',
      'start,A\n2/13/2024 12:00 AM,1.5\n2/13/2024 12:30 PM,1.5\n2/13/2024 1:00 PM,2\n',
      half,
      ['02-13T00:00 1500000', '02-13T12:30 1500000', '02-13T13:00 2000000'],
    ],
  ])
})

describe('the repeated and the skipped hour', () => {
  const chicago: Profile = { ...half, zone: 'America/Chicago' }
  const rows = (...stamps: string[]) =>
    `start,A\n${stamps.map((at) => `2024-11-03 ${at},1`).join('\n')}\n`
  cases([
    [
      'hourly',
      rows('00:00', '01:00', '01:00', '02:00'),
      chicago,
      ['11-03T05:00 1000000', '11-03T06:00 1000000', '11-03T07:00 1000000', '11-03T08:00 1000000'],
    ],
    [
      'backwards',
      rows('02:00', '01:30', '01:00', '01:30', '01:00', '00:30'),
      chicago,
      [
        '11-03T08:00 1000000',
        '11-03T07:30 1000000',
        '11-03T07:00 1000000',
        '11-03T06:30 1000000',
        '11-03T06:00 1000000',
        '11-03T05:30 1000000',
      ],
    ],
    [
      'side by side',
      rows('00:30', '01:00', '01:00', '01:30', '01:30', '02:00'),
      chicago,
      [
        '11-03T05:30 1000000',
        '11-03T06:00 1000000',
        '11-03T07:00 1000000',
        '11-03T06:30 1000000',
        '11-03T07:30 1000000',
        '11-03T08:00 1000000',
      ],
    ],
    [
      'one row is missing',
      rows('00:30', '01:00', '01:30', '01:00', '02:00'),
      chicago,
      [
        '11-03T05:30 1000000',
        '11-03T06:00 1000000',
        '11-03T06:30 1000000',
        '11-03T07:00 1000000',
        '11-03T08:00 1000000',
      ],
    ],
    [
      'the file ends in it',
      rows('00:00', '00:30', '01:00', '01:30'),
      chicago,
      ['11-03T05:00 1000000', '11-03T05:30 1000000', '11-03T06:00 1000000', '11-03T06:30 1000000'],
    ],
    [
      'once: nothing says which',
      rows('00:00', '00:30', '01:00', '01:30', '02:00'),
      chicago,
      '2 refused: 2024-11-03 01:00 is twice on the clock of America/Chicago, and the order',
    ],
    [
      'once, the first is said',
      rows('00:30', '01:00', '01:30', '02:00'),
      { ...chicago, repeatedHour: 'first' },
      ['11-03T05:30 1000000', '11-03T06:00 1000000', '11-03T06:30 1000000', '11-03T08:00 1000000'],
    ],
    [
      'refused by wish',
      rows('00:30', '01:00', '01:30', '01:00', '01:30', '02:00'),
      { ...chicago, repeatedHour: 'refuse' },
      '4 refused: 2024-11-03 01:00 is twice on the clock of America/Chicago. Give',
    ],
    [
      'skipped',
      'start,A\n2024-03-10 01:30,1\n2024-03-10 02:30,1\n2024-03-10 03:00,1\n',
      chicago,
      '1 refused: 2024-03-10 02:30 is not on the clock of America/Chicago',
    ],
    [
      'an abbreviation',
      rows('00:00', '00:30'),
      { ...half, zone: 'BST' },
      'BST is no zone by itself: use an IANA name with a place such as Europe/London',
    ],
    [
      'an offset wins over the zone',
      'start,A\n2024-11-03T00:00+02:00,1\n2024-11-03T00:30+02:00,1\n',
      chicago,
      ['11-02T22:00 1000000', '11-02T22:30 1000000'],
    ],
  ])
})

describe('two words for one interval', () => {
  cases([
    [
      'three words',
      newYear('00:00Z,3', '00:30Z,1', '00:00Z,2', '00:00Z,1'),
      half,
      ['01-01T00:00 3000000', '01-01T00:30 1000000', '01-01T00:00 2000000', '01-01T00:00 1000000'],
    ],
    [
      'down to zero',
      'start,A\n2024-01-01T00:00Z,3\n2024-01-01T00:30Z,1\n2024-01-01T00:00Z,0\n',
      half,
      ['01-01T00:00 3000000', '01-01T00:30 1000000', '01-01T00:00 0'],
    ],
    [
      'negative',
      'start,A\n2024-01-01T00:00Z,-0.0000015\n2024-01-01T00:30Z,-1\n',
      half,
      // Half a milliwatt-hour goes to the even neighbour.
      ['01-01T00:00 -2', '01-01T00:30 -1000000'],
    ],
  ])

  test('the later line counts, the conflict is named, a repeat is none', () => {
    const file = newYear('00:00Z,3', '00:30Z,1', '00:30Z,1', '00:00Z,2')
    const { series, conflicts, repeats } = read(file, half).understood
    expect(series[0]?.sumMwh).toBe(3_000_000n)
    expect(repeats).toBe(1)
    expect(conflicts).toMatchObject([{ lines: [2, 5], energiesMwh: [3_000_000n, 2_000_000n] }])
  })
})

describe('steps are facts', () => {
  const hourly = 'start,A\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,1\n2024-01-01T02:00Z,1\n'
  cases([
    [
      'mean power',
      hourly,
      { ...half, unit: 'kW' },
      ['01-01T00:00 1000000', '01-01T01:00 1000000', '01-01T02:00 1000000'],
    ],
    [
      'a longer step',
      hourly,
      { ...half, step: 7200 },
      'The step is said to be 7200 s, and the stamps are 3600 s apart',
    ],
    [
      'lengths of their own',
      'meter,start,end,value (kWh)\nA,2024-01-01T00:00Z,2024-01-01T00:30Z,1\n',
      { step: 3600 },
      'The step is said to be 3600 s, and the rows are 1800 s long',
    ],
    [
      'one row',
      'start,A\n2024-01-01T00:00Z,1\n',
      half,
      '1 refused: One stamp does not show how long',
    ],
    [
      'one row, said',
      'start,A\n2024-01-01T00:00Z,1\n',
      { ...half, step: 900, unit: 'kW' },
      ['01-01T00:00 250000'],
    ],
    [
      'a gap',
      'start,A\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n2024-01-01T06:00Z,1\n',
      { ...half, unit: 'kW' },
      ['01-01T00:00 500000', '01-01T00:30 500000', '01-01T06:00 500000'],
    ],
    [
      'two steps in one series',
      newYear(
        ...['00:00Z,1', '01:00Z,1', '02:00Z,1', '03:00Z,1', '04:00Z,1', '04:30Z,1', '05:00Z,1'],
        ...['05:30Z,1', '06:00Z,1', '06:30Z,1'],
      ),
      half,
      '4 refused: The next stamp of the series is 3600 s away, and its step is 1800 s',
    ],
    [
      'rows overlap',
      'meter,start,duration_s,energy_wh\nA,2024-01-01T00:00Z,3600,1\nA,2024-01-01T00:30Z,3600,1\n',
      {},
      '1 refused: The row is 3600 s long, and the next one begins after 1800 s',
    ],
    [
      'kWh is said, the name has kW',
      'start,A (kW)\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
      half,
      'The unit is said to be kWh, and column A (kW) says kW',
    ],
    [
      'no unit',
      'start,A\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
      { layout: 'wide' },
      'Nothing says the unit of column A: say unit',
    ],
    [
      'mwh',
      'start,A (mwh)\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
      { layout: 'wide' },
      'The name A (mwh) can be read as milliwatt-hours or as megawatt-hours',
    ],
    [
      'power is said, kWh in the name',
      'start,A (kWh)\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
      { layout: 'wide', quantity: 'power' },
      'The quantity is said to be power, and the unit is kWh',
    ],
  ])

  test('days of 23 and 25 hours', () => {
    const profile: Profile = { ...half, zone: 'Europe/Paris', dateFormat: 'yyyy-MM-dd' }
    const days = (first: number, month: string) =>
      `start,A\n${[0, 1, 2].map((each) => `2024-${month}-${first + each},1`).join('\n')}\n`
    const lengths = (file: string) =>
      read(file, profile).readings.map(({ durationS }) => durationS / 3600)
    expect(lengths(days(30, '03').replace('2024-03-32', '2024-04-01'))).toEqual([24, 23, 24])
    expect(lengths(days(26, '10'))).toEqual([24, 25, 24])
  })
})

describe('stamps at the end', () => {
  cases([
    [
      'midnight',
      'start,A\n2024-01-01T23:30Z,1\n2024-01-02T00:00Z,2\n',
      { ...half, stamp: 'end' },
      ['01-01T23:00 1000000', '01-01T23:30 2000000'],
    ],
    [
      '24:00',
      'start,A\n2024-01-01 23:30,1\n2024-01-01 24:00,2\n',
      { ...half, stamp: 'end' },
      ['01-01T23:00 1000000', '01-01T23:30 2000000'],
    ],
    [
      'only ends',
      'meter,interval end,kWh\nA,2024-01-01T00:30Z,1\nA,2024-01-01T01:00Z,2\n',
      {},
      ['01-01T00:00 1000000', '01-01T00:30 2000000'],
    ],
    [
      'mean power',
      'start,A\n2024-01-01T01:00Z,1\n2024-01-01T02:00Z,2\n',
      { ...half, unit: 'kW', stamp: 'end' },
      ['01-01T00:00 1000000', '01-01T01:00 2000000'],
    ],
    [
      'the repeated hour',
      ['00:30,1', '01:00,2', '01:30,3', '01:00,4', '01:30,5', '02:00,6'].reduce(
        (file, row) => `${file}2024-10-27 ${row}\n`,
        'start,A\n',
      ),
      { ...half, zone: 'Europe/London', stamp: 'end' },
      [
        '10-26T23:00 1000000',
        '10-26T23:30 2000000',
        '10-27T00:00 3000000',
        '10-27T00:30 4000000',
        '10-27T01:00 5000000',
        '10-27T01:30 6000000',
      ],
    ],
    [
      'the last minute',
      `${dated}A,2024-01-01,23:00,23:29,1\nA,2024-01-01,23:30,23:59,2\n`,
      {},
      ['01-01T23:00 1000000', '01-01T23:30 2000000'],
    ],
    [
      'an end at midnight',
      `${dated}A,2024-01-01,23:00,23:30,1\nA,2024-01-01,23:30,00:00,2\n`,
      {},
      ['01-01T23:00 1000000', '01-01T23:30 2000000'],
    ],
  ])
})

describe('zones of half hours', () => {
  cases([
    [
      'Kolkata',
      'start,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n',
      { ...half, zone: 'Asia/Kolkata' },
      ['12-31T18:30 1000000', '12-31T19:30 2000000'],
    ],
    [
      'Kathmandu',
      'start,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n',
      { ...half, zone: 'Asia/Kathmandu' },
      ['12-31T18:15 1000000', '12-31T19:15 2000000'],
    ],
    [
      "St John's",
      'start,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n',
      { ...half, zone: 'America/St_Johns' },
      ['01-01T03:30 1000000', '01-01T04:30 2000000'],
    ],
    [
      'Lord Howe goes back half an hour',
      'start,A\n2024-04-07 01:00,1\n2024-04-07 01:30,2\n2024-04-07 01:30,3\n2024-04-07 02:00,4\n',
      { ...half, zone: 'Australia/Lord_Howe' },
      ['04-06T14:00 1000000', '04-06T14:30 2000000', '04-06T15:00 3000000', '04-06T15:30 4000000'],
    ],
    [
      'Adelaide goes forward',
      'start,A\n2024-10-06 01:30,1\n2024-10-06 03:00,2\n2024-10-06 03:30,2\n',
      { ...half, zone: 'Australia/Adelaide' },
      ['10-05T16:00 1000000', '10-05T16:30 2000000', '10-05T17:00 2000000'],
    ],
  ])
})

describe('one bad cell costs no other', () => {
  const wide = (cell: string) =>
    `start,A,B,C\n2024-03-01T00:00Z,${cell},5.5,7\n2024-03-01T00:30Z,1.5,5,7\n`
  test.each([
    ['"1,2"', 2, 'A', '"1,2" is no number with the decimal sign "."'],
    ['abc', 2, 'A', '"abc" is no number'],
    ['1.2.3', 2, 'A', '"1.2.3" is no number'],
    ['0x10', 2, 'A', '"0x10" is no number'],
    ['$1.20', 2, 'A', '"$1.20" is no number'],
    ['1.5 kWh', 2, 'A', '"1.5 kWh" is no number'],
  ])('%s', (cell, line, column, detail) => {
    const { readings, refusals } = read(wide(cell), half)
    expect(readings).toHaveLength(5)
    expect(refusals).toMatchObject([{ line, column, detail: expect.stringContaining(detail) }])
  })

  test('absent cells are silence, not zero', () => {
    const words = ['', 'NA', 'NaN', 'NULL', '-', 'null']
    for (const word of words) {
      const { readings, gaps } = read(wide(word), half)
      expect([readings.length, gaps.length]).toEqual([5, 1])
    }
    expect(read(wide('-99'), { ...half, missing: ['-99'] }).gaps).toHaveLength(1)
    expect(read(wide('NA'), { ...half, missing: ['-99'] }).refusals).toHaveLength(1)
  })

  test('a meter that is no id, a word of quality, a unit', () => {
    const header = 'meter,start,duration_s,value,unit,quality\n'
    const row = (meter: string, unit: string, quality: string) =>
      `${meter},2024-03-01T00:00Z,1800,1,${unit},${quality}\n`
    const file =
      header +
      row('a b', 'kWh', '') +
      row('B', 'therm', '') +
      row('C', 'Wh', 'guess') +
      row('D', 'Wh', 'estimated')
    const { readings, refusals } = read(file, {})
    expect(readings).toMatchObject([{ meter: 'D', energyMwh: 1000n, standing: 'fill', line: 5 }])
    expect(refusals.map(({ line, reason, value }) => [line, reason, value])).toEqual([
      [2, 'bad-meter-id', 'a b'],
      [3, 'unparsable', 'therm'],
      [4, 'unparsable', 'guess'],
    ])
  })

  test('words of quality of a profile, and void', () => {
    const file = ['00:00Z,1800,1,S14', '00:30Z,1800,,N', '01:00Z,1800,3,F52'].reduce(
      (rows, row) => `${rows}A,2024-03-01T${row}\n`,
      'meter,start,duration_s,energy_wh,quality\n',
    )
    const quality: Profile['quality'] = {
      S: { quality: 'substituted', standing: 'stated' },
      N: { void: true },
      F: { quality: 'substituted', standing: 'held' },
    }
    const { readings, understood } = read(file, { quality })
    expect(readings.map(({ standing, isVoid }) => [standing, isVoid])).toEqual([
      ['stated', false],
      ['stated', true],
      ['held', false],
    ])
    expect(understood.series[0]?.sumMwh).toBe(4000n)
  })
})

function cases(all: readonly Case[]): void {
  test.each(all.map((each) => [each[0], each] as const))('%s', (_, [, file, profile, expected]) => {
    if (typeof expected !== 'string') {
      const { readings, refusals } = read(file, profile)
      expect(refusals).toEqual([])
      expect(
        readings.map(({ startMs, energyMwh }) => `${isoUtc(startMs).slice(5, 16)} ${energyMwh}`),
      ).toEqual(expected)
      return
    }
    const counted = /^(\d+) refused: (.*)/.exec(expected)
    if (counted) {
      const { refusals } = read(file, profile)
      expect(refusals).toHaveLength(Number(counted[1]))
      expect(refusals[0]?.detail).toContain(counted[2])
    } else if (expected.startsWith('wholly refused')) {
      let readings = 0
      try {
        readings = read(file, profile).readings.length
      } catch (error) {
        expect((error as Error).message).toMatch(/delimiter|decimal|names/)
      }
      expect(readings).toBe(0)
    } else {
      expect(() => read(file, profile)).toThrow(expected)
    }
  })
}

function read(file: string, profile: Profile) {
  const outcome = readWithProfile(new TextEncoder().encode(file), profile)
  const { readings, refusals, gaps, cells } = outcome
  expect(readings.length + refusals.length + gaps.length).toBe(cells)
  return outcome
}
