import { describe } from 'vitest'
import type { Profile } from './profileShape.ts'
import { type Case, cases } from './testing/cases.ts'

const berlin: Profile = { unit: 'kWh', meter: 'M', zone: 'Europe/Berlin' }
const vonBis = 'Datum;von;bis;Wert\n13.03.2024;00:00;00:15;0,25\n13.03.2024;00:15;00:30;0,26\n'
const von = 'Datum;Von;Wert\n13.03.2024;00:00;0,5\n13.03.2024;06:00;0,5\n13.03.2024;12:00;0,5\n'
const stamps =
  'day,start,end,kwh\n' +
  '2024-03-05,2024-03-05T00:00Z,2024-03-05T01:00Z,0.5\n' +
  '2024-03-05,2024-03-05T01:00Z,2024-03-05T02:00Z,1.5\n'
const quarters = ['03-12T23:00 250000', '03-12T23:15 260000']

const said: readonly Case[] = [
  ['no word, and cells that are times of day', vonBis, berlin, quarters],
  [
    'no word, and no end',
    von,
    berlin,
    ['03-12T23:00 500000', '03-13T05:00 500000', '03-13T11:00 500000'],
  ],
  ['no word, of full stamps', stamps, berlin, '{ "start": "start" }'],
  [
    'no word, of a period',
    'date,period_from,period_until,kwh\n2024-03-05,00:00,00:30,1\n2024-03-05,00:30,01:00,2\n',
    berlin,
    ['03-04T23:00 1000000', '03-04T23:30 2000000'],
  ],
  [
    'its part',
    vonBis,
    { ...berlin, columns: { date: 'Datum', startTime: 'von', endTime: 'bis', value: 'Wert' } },
    quarters,
  ],
  [
    'the times alone',
    stamps,
    { ...berlin, columns: { start: 'start', end: 'end', value: 'kwh' } },
    ['03-05T00:00 500000', '03-05T01:00 1500000'],
  ],
]

describe('of a date beside another stamp the profile says', () => {
  cases(said)
})

const two: readonly Case[] = [
  [
    'a consumption and an import',
    'Time,Consumption (kWh),Import (kWh)\n2024-03-05T00:00Z,1.5,0.5\n2024-03-05T01:00Z,1.5,0.5\n',
    { meter: 'M' },
    'can be read as Consumption (kWh) or as Import (kWh): set columns',
  ],
  [
    'a power and an energy',
    'Time,Power (kW),Energy (kWh)\n2024-03-05T00:00Z,9,2\n2024-03-05T01:00Z,9,2\n',
    { meter: 'M' },
    '{ "value": "Power (kW)" }',
  ],
  [
    'a consumption and an import, of which one is said to be the value',
    'Time,Consumption (kWh),Import (kWh)\n2024-03-05T00:00Z,1.5,0.5\n2024-03-05T01:00Z,1.5,0.5\n',
    { meter: 'M', columns: { start: 'Time', value: 'Import (kWh)' } },
    ['03-05T00:00 500000', '03-05T01:00 500000'],
  ],
]

describe('of two values of a meter the profile says one', () => {
  cases(two)
})
