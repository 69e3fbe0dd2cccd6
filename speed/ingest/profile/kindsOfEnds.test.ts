import { describe, expect, test } from 'vitest'
import { profileNamed } from './builtInProfiles.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

const hours = ['03-04T23:00 1000000', '03-05T00:00 2000000']
const ofHours = (name: string) => `${name},A\n2024-03-05T00:00Z,1\n2024-03-05T01:00Z,2\n`

describe('the only stamps are ends by their name', () => {
  const names = [
    ...['End', 'Intervallende', 'Endzeitpunkt', 'Hasta', 'Tot', 'Fine', 'Slut', 'Sluttid', 'Fim'],
    ...['Ende der Messperiode', 'PeriodEnd', 'Til', 'Eindtijd'],
  ]
  cases(names.map((name): Case => [name, ofHours(name), half, hours]))
  test.each(['Beginn', 'Time', 'Zeit', 'Kalender'])('%s is none', (name) => {
    const [first] = read(ofHours(name), half).readings
    expect(first?.startMs).toBe(Date.UTC(2024, 2, 5))
  })
})

const pairs: readonly Case[] = [
  ['Desde and Hasta', 'Desde', 'Hasta'],
  ['Van and Tot', 'Van', 'Tot'],
  ['Fra and Til', 'Fra', 'Til'],
  ['Startzeit and Endzeit', 'Startzeit', 'Endzeit'],
].map(([what = '', start, end]): Case => {
  const rows = '2024-03-04T23:00Z,2024-03-05T00:00Z,1\n2024-03-05T00:00Z,2024-03-05T01:00Z,2\n'
  return [what, `${start},${end},kWh\n${rows}`, { meter: 'M' }, hours]
})

describe('start and end', () => cases(pairs))

/** As Enedis writes the bounds of an order into each row. */
const bounded = (pas: string) =>
  `Identifiant PRM;Date de début;Date de fin;Unite;Horodate;Valeur;Pas\n${['00', '30']
    .map((minute) => `30001;2024-03-05;2024-03-12;W;2024-03-05 00:${minute}:00;2000;${pas}\n`)
    .join('')}`

describe('ends that rows of several starts have are none of theirs', () => {
  const halves = ['03-05T00:00 1000000', '03-05T00:30 1000000']
  cases([
    ['beside a duration', bounded('PT30M'), {}, halves],
    ['beside nothing else', bounded('').replaceAll(/;(Pas)?\n/g, '\n'), {}, halves],
  ])
  test('the evidence says so', () => {
    const { evidence } = read(bounded('PT30M'), {}).understood
    expect(evidence).toContainEqual({
      ...{ field: 'columns.end', value: 'not read' },
      why: '"2024-03-12" is in rows of several starts',
    })
  })
})

test('ends that two rows each have are bounds only where no row begins behind them', () => {
  const rows = ['00:00,01:00,1', '00:30,01:00,2', '01:00,02:00,1', '01:30,02:00,2']
  for (const each of ['2024-03-05 $1,2024-03-05 $2', '2024-03-05T$1Z,2024-03-05T$2Z']) {
    const written = rows.map((row) => row.replace(/^(.*),(.*),/, `${each},`))
    const { readings, refusals } = read(`start,end,kWh\n${written.join('\n')}\n`, { meter: 'M' })
    expect(readings.map(({ line, durationS }) => [line, durationS])).toEqual([
      ...[[3, 1800] as const, [5, 1800] as const],
    ])
    const detail = expect.stringContaining('3600 s long, and the next one begins after 1800 s')
    expect(refusals).toMatchObject([2, 4].map((line) => ({ line, detail })))
  }
})

const to24 = (name: string) =>
  `${name},A\n2024-03-05 23:00,1\n2024-03-05 23:30,2\n2024-03-05 24:00,3\n2024-03-06 00:30,4\n`
const endsAt24 = [
  ...['03-05T22:30 1000000', '03-05T23:00 2000000'],
  ...['03-05T23:30 3000000', '03-06T00:00 4000000'],
]

describe('24:00 begins no interval', () => {
  cases([
    ['so stamps are ends', to24('time'), half, endsAt24],
    [
      'of another pattern',
      to24('time')
        .replaceAll('2024-', '24.')
        .replace(/(\d\d)-(\d\d) /g, '$1.$2 ')
        .replace(/24\.(\d\d)\.(\d\d) /g, '$2.$1.2024 '),
      half,
      endsAt24,
    ],
    ['beside an offset', to24('time').replace(/(\d\d:\d\d)/g, '$1Z'), half, endsAt24],
    ['ends are said', to24('time'), { ...half, stamp: 'end' }, endsAt24],
    [
      'starts are said',
      to24('time'),
      { ...half, stamp: 'start' },
      '"2024-03-05 24:00", which begins',
    ],
    [
      'an end beside a start is no hint',
      'start,end,kWh\n2024-03-05 23:00,2024-03-05 23:30,1\n2024-03-05 23:30,2024-03-05 24:00,2\n',
      { meter: 'M' },
      ['03-05T23:00 1000000', '03-05T23:30 2000000'],
    ],
  ])
})

describe('columns of an export whose stamps are ends', () => {
  const rows = '2024-03-05 00:30,1\n2024-03-05 01:00,2\n'
  const n3rgy = `timestamp (UTC),energyConsumption (kWh)\n${rows}`
  const asEnds = ['03-05T00:00 1000000', '03-05T00:30 2000000']
  const asStarts = ['03-05T00:30 1000000', '03-05T01:00 2000000']
  const M = { meter: 'M' }
  cases([
    ['need their profile', n3rgy, M, 'exports of n3rgy (end): set stamp, or profile to n3rgy.'],
    [
      'in another order, too',
      'Valeur;Horodate\n1;2024-03-05T00:30:00+01:00\n2;2024-03-05T01:00:00+01:00\n',
      { ...M, unit: 'kWh' },
      'profile to enedis.',
    ],
    ['which reads them', n3rgy, { ...profileNamed('n3rgy'), ...M }, asEnds],
    ['or that they are ends', n3rgy, { ...M, stamp: 'end' }, asEnds],
    ['or starts', n3rgy, { ...M, stamp: 'start' }, asStarts],
    ['or what they are', n3rgy, { ...M, columns: columnsOf('energyConsumption (kWh)') }, asStarts],
    ['but other names are those of nobody', `timestamp (UTC),kWh\n${rows}`, M, asStarts],
    [
      'and an end in a column of its own is read',
      `Horodate;Fin;Valeur\n${['00:30Z;01:00Z;1', '01:00Z;01:30Z;2'].map(onThe5th).join('')}`,
      { ...M, unit: 'kWh' },
      asStarts,
    ],
  ])
})

function columnsOf(value: string) {
  return { start: 'timestamp (UTC)', value }
}

/** A row of times with its day. */
function onThe5th(row: string): string {
  return `${row.replace(/(?=\d\d:)/g, '2024-03-05T')}\n`
}
