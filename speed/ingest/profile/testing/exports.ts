import type { DateTime } from 'luxon'
import { profileNamed } from '../builtInProfiles.ts'
import type { Profile } from '../profileShape.ts'
import type { SeriesTraits } from './makeSeries.ts'

/** In a row of a format, the cell that has the energy of meter N of the row. */
const slot = (at = 0) => `\0${at}`

export type RowTimes = { readonly meter: string; readonly start: DateTime; readonly end: DateTime }

/** An export as its utility writes it, from public examples and descriptions. */
export type Format = SeriesTraits & {
  readonly name: string
  readonly profile: Profile
  readonly file: 'csv' | 'json' | 'ndjson' | 'xlsx' | 'espi-xml' | 'nem12'
  /** A row has one time and meter, one time and all meters, one day and meter, or a register. */
  readonly rows: 'readings' | 'wide' | 'days' | 'registers'
  readonly delimiter: string
  /** Lines above the rows, the header last; of a wide file, the names of the meters follow. */
  readonly head: readonly string[]
  /** The cells of a row; of wide rows and days, those before the values. */
  readonly row: (times: RowTimes) => readonly string[]
  /** Behind the values of a day. */
  readonly tail?: readonly string[]
  readonly text: (mwh: bigint) => string
}

const kwh = (mwh: bigint) => decimal(mwh, 6)
const kwOf = (stepS: number) => (mwh: bigint) => decimal((mwh * 3600n) / BigInt(stepS), 6)
const comma = (write: (mwh: bigint) => string) => (mwh: bigint) => write(mwh).replace('.', ',')

const oneMeter = (meter: string) => ({
  isOneSite: true,
  metersOf: () => [{ meter, sign: 1n as const }],
})
const twoMeters = (meter: string) => ({
  isOneSite: true,
  metersOf: () => [
    { meter, sign: 1n as const },
    { meter: `${meter}-export`, sign: -1n as const },
  ],
})
const many = (prefix: string, suffixes: readonly (readonly [string, 1n | -1n])[] = [['', 1n]]) => ({
  isOneSite: false,
  metersOf: (site: number) =>
    suffixes.map(([suffix, sign]) => ({ meter: `${prefix}${site}${suffix}`, sign })),
})
const usual = {
  ...({ file: 'csv', rows: 'readings', delimiter: ',', text: kwh, isNet: false } as const),
  ...{ stepS: 1800, grainMwh: 1n },
}

const europe: readonly Format[] = [
  {
    ...{ ...usual, ...oneMeter('M1'), name: 'octopus', zone: 'Europe/London' },
    profile: profileNamed('octopus'),
    head: ['Consumption (kwh), Estimated Cost Inc. Tax (p), Start, End'],
    row: ({ start, end }) => [slot(), '1.5', iso(start), iso(end)],
  },
  {
    ...{ ...usual, ...oneMeter('M1'), name: 'n3rgy', zone: 'UTC' },
    profile: profileNamed('n3rgy'),
    head: ['timestamp (UTC),energyConsumption (kWh)'],
    row: ({ end }) => [end.toFormat('yyyy-MM-dd HH:mm'), slot()],
  },
  {
    ...{ ...usual, ...oneMeter('00000000000001'), name: 'enedis', zone: 'Europe/Paris' },
    ...{ profile: profileNamed('enedis'), delimiter: ';', grainMwh: 500n },
    head: [
      'Identifiant PRM;Type de donnees;Unite',
      '00000000000001;Courbe de charge;W',
      'Horodate;Valeur',
    ],
    row: ({ end }) => [iso(end), slot()],
    text: (mwh) => decimal(mwh * 2n, 3),
  },
  {
    ...{ ...usual, ...oneMeter('M1'), name: 'enedis-kw', zone: 'Europe/Paris' },
    ...{ profile: profileNamed('enedis-kw'), delimiter: ';', grainMwh: 500n },
    head: ['Début;Fin;Valeur (en kW)'],
    row: ({ start, end }) => [
      ...[start, end].map((each) => each.toFormat('dd/MM/yyyy HH:mm:ss')),
      slot(),
    ],
    text: comma(kwOf(1800)),
  },
  {
    ...{ ...usual, ...twoMeters('PT0001'), name: 'e-redes', zone: 'Europe/Lisbon' },
    ...{ profile: profileNamed('e-redes'), delimiter: ';', grainMwh: 250n, stepS: 900 },
    head: [
      'Código Ponto de Entrega;PT0001',
      'Data;Hora;Consumo registado, Ativa (kW);Injeção registada, Ativa (kW);Estado',
    ],
    row: ({ end }) => [end.toFormat('yyyy/MM/dd'), end.toFormat('HH:mm'), slot(), slot(1), 'Real'],
    text: comma(kwOf(900)),
  },
]

const america: readonly Format[] = [
  {
    ...{ ...usual, ...oneMeter('M1'), name: 'pge', zone: 'America/Los_Angeles', stepS: 900 },
    profile: profileNamed('pge'),
    head: [
      ...['Name,SAMPLE', 'Account Number,0000000000', ''],
      'TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES',
    ],
    row: ({ start, end }) => [
      ...['Electric usage', start.toFormat('yyyy-MM-dd'), start.toFormat('HH:mm')],
      ...[end.minus({ minutes: 1 }).toFormat('HH:mm'), slot(), '$0.10'],
    ],
  },
  {
    ...{ ...usual, ...twoMeters('M1'), name: 'pge with solar', zone: 'America/Los_Angeles' },
    ...{ profile: profileNamed('pge'), stepS: 3600 },
    head: ['Name,SAMPLE', 'TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),COST,NOTES'],
    row: ({ start, end }) => [
      ...['Electric usage', start.toFormat('yyyy-MM-dd'), start.toFormat('HH:mm')],
      ...[end.minus({ minutes: 1 }).toFormat('HH:mm'), slot(), slot(1), '$0.10'],
    ],
  },
  {
    ...{ ...usual, ...many('0555'), name: 'sdge', zone: 'America/Los_Angeles', stepS: 900 },
    profile: profileNamed('sdge'),
    head: ['Name,SAMPLE', 'UOM,kWh', 'Meter Number,Date,Start Time,Duration,Consumption,Net'],
    row: ({ meter, start }) => [
      ...[meter, start.toFormat('M/d/yyyy'), start.toFormat('h:mm a'), '15', slot(), '0.1'],
    ],
  },
  {
    ...{ ...usual, ...oneMeter('M1'), name: 'green-button-csv', zone: 'America/New_York' },
    ...{ profile: { ...profileNamed('green-button-csv'), zone: 'America/New_York' }, stepS: 3600 },
    head: ['Name,SAMPLE', 'TYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES'],
    row: ({ start, end }) => [
      ...['Electric usage', start.toFormat('M/d/yyyy'), start.toFormat('H:mm')],
      ...[end.minus({ minutes: 1 }).toFormat('H:mm'), slot()],
    ],
  },
  {
    ...{
      ...usual,
      ...many('UP', [
        ['-IN', 1n],
        ['-OUT', -1n],
      ]),
      name: 'green-button-xml',
    },
    ...{ profile: profileNamed('green-button-xml'), file: 'espi-xml', zone: 'America/Chicago' },
    ...{ stepS: 900, head: [], text: String },
    row: ({ meter, start }) => [meter, String(start.toMillis() / 1000), slot()],
  },
]

const halfHours = Array.from({ length: 48 }, (_, at) => {
  const minutes = ((at + 1) * 30) % 1440
  return `${Math.floor(minutes / 60)}:${minutes % 60 === 0 ? '00' : '30'}`
})

const australia: readonly Format[] = [
  {
    ...{
      ...usual,
      ...many('', [
        ['-GC', 1n],
        ['-GG', 1n],
      ]),
      name: 'ausgrid-solar',
    },
    ...{ profile: profileNamed('ausgrid-solar'), rows: 'days', zone: 'Australia/Sydney' },
    isClockFixed: true,
    head: [
      'Sample of a distribution network',
      `Customer,Generator Capacity,Postcode,Consumption Category,date,${halfHours},Row Quality`,
    ],
    row: ({ meter, start }) => [
      ...[meter.slice(0, -3), '3.78', '2076', meter.slice(-2), start.toFormat('d/MM/yyyy')],
    ],
    tail: [''],
  },
  {
    ...{
      ...usual,
      ...many('NMI0000', [
        ['-E1', 1n],
        ['-B1', -1n],
      ]),
      name: 'nem12',
    },
    ...{ profile: profileNamed('nem12'), file: 'nem12', rows: 'days', zone: 'Australia/Brisbane' },
    head: ['100,NEM12,202402041149,SAMPLEMDP,SAMPLEFRMP'],
    row: ({ start }) => ['300', start.toFormat('yyyyMMdd')],
    tail: ['A', '', '', '20250101010000', '20250101020000'],
  },
]

const rest: readonly Format[] = [
  {
    ...{ ...usual, ...many('L'), name: 'tidy', zone: 'Australia/Lord_Howe', isNet: true },
    ...{ profile: {}, head: ['meter,start,duration_s,energy_wh'] },
    row: ({ meter, start }) => [meter, iso(start), '1800', slot()],
    text: (mwh) => decimal(mwh, 3),
  },
  {
    ...{ ...usual, ...many('L'), name: 'wide', zone: 'Europe/London', isNet: true, rows: 'wide' },
    ...{ profile: { layout: 'wide', unit: 'kWh', zone: 'Europe/London' }, head: ['start'] },
    row: ({ start }) => [start.toFormat('yyyy-MM-dd HH:mm')],
  },
  {
    ...{ ...usual, ...many('L'), name: 'wide, mean kW', zone: 'Europe/Berlin', rows: 'wide' },
    profile: { layout: 'wide', unit: 'kW', zone: 'Europe/Berlin', stamp: 'end' },
    ...{ head: ['Zeit'], delimiter: ';', stepS: 900, grainMwh: 250n, text: comma(kwOf(900)) },
    row: ({ end }) => [end.toFormat('dd.MM.yyyy HH:mm')],
  },
  {
    ...{ ...usual, ...many('L'), name: 'registers', zone: 'Europe/London', rows: 'registers' },
    ...{ profile: { quantity: 'register', unit: 'kWh', zone: 'Europe/London' }, isWhole: true },
    head: ['meter,timestamp,reading'],
    row: ({ meter, start }) => [meter, iso(start), slot()],
  },
  {
    ...{ ...usual, ...many('sensor.'), name: 'hass', zone: 'Europe/Berlin' },
    ...{ rows: 'registers', delimiter: '\t', stepS: 3600, isWhole: true },
    profile: { ...profileNamed('hass'), zone: 'Europe/Berlin' },
    head: ['statistic_id\tunit\tstart\tstate\tsum'],
    row: ({ meter, start }) => [
      ...[meter, 'kWh', start.minus({ hours: 1 }).toFormat('dd.MM.yyyy HH:mm'), '7.5', slot()],
    ],
  },
  {
    ...{ ...usual, ...oneMeter('M1'), name: 'octopus API', zone: 'Europe/London', file: 'json' },
    profile: { unit: 'kWh' },
    head: ['consumption,interval_start,interval_end'],
    row: ({ start, end }) => [slot(), iso(start), iso(end)],
  },
  {
    ...{ ...usual, ...many('L'), name: 'lines of JSON', zone: 'UTC', file: 'ndjson', isNet: true },
    profile: {},
    head: ['meter,start,duration_s,energy_wh'],
    row: ({ meter, start }) => [meter, iso(start), '1800', slot()],
    text: (mwh) => decimal(mwh, 3),
  },
  {
    ...{ ...usual, ...many('L'), name: 'workbook', zone: 'Europe/Paris', file: 'xlsx' },
    ...{ profile: { layout: 'wide', unit: 'kWh', zone: 'Europe/Paris' }, rows: 'wide' },
    head: ['Horodate'],
    row: ({ start }) => [start.toFormat('yyyy-MM-dd HH:mm')],
  },
]

export const formats: readonly Format[] = [...europe, ...america, ...australia, ...rest]

function iso(moment: DateTime): string {
  return moment.toISO({ suppressMilliseconds: true }) ?? ''
}

function decimal(value: bigint, places: number): string {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
