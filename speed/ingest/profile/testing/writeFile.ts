import { DateTime } from 'luxon'
import { profileNamed } from '../builtInProfiles.ts'
import type { Profile } from '../profileShape.ts'
import { drawer } from './drawer.ts'

/** A meter with its energies by start, in milliwatt-hours. */
export type Series = {
  readonly meter: string
  readonly stepS: number
  readonly values: ReadonlyMap<number, bigint>
}

export type WrittenRow = {
  /** `METER START STEP`. */
  readonly key: string
  readonly meter: string
  readonly startMs: number
  readonly mwh: bigint
  readonly cells: readonly string[]
}

export type WrittenFile = {
  readonly bytes: Uint8Array
  /** Of a file in which no column names it. */
  readonly meter: string | null
  readonly rows: readonly WrittenRow[]
  readonly head: readonly string[]
  readonly delimiter: string
  readonly grainMwh: bigint
  /** The same row with another value. */
  again(row: WrittenRow, mwh: bigint): WrittenRow
}

export type Format = {
  readonly name: string
  readonly profile: Profile
  readonly zone: string
  readonly stepS: number
  /** Energies are multiples of it, so that the file's unit can say them exactly. */
  readonly grainMwh: bigint
  readonly delimiter: string
  /** Lines above the rows, the header last. */
  readonly head: readonly string[]
  /** The file has one meter, which no column names. */
  readonly isOneMeter: boolean
  row(reading: { meter: string; start: DateTime; end: DateTime; mwh: bigint }): readonly string[]
}

const kwh = (mwh: bigint) => decimal(mwh, 6)
const kw = (mwh: bigint, stepS: number) => decimal((mwh * 3600n) / BigInt(stepS), 6)

/** Writers of the exports that the built-in profiles read, from the descriptions of the exports. */
export const formats: readonly Format[] = [
  {
    ...{ name: 'octopus', zone: 'Europe/London', stepS: 1800, grainMwh: 1n, delimiter: ',' },
    profile: profileNamed('octopus'),
    head: ['Consumption (kwh), Estimated Cost Inc. Tax (p), Start, End'],
    isOneMeter: true,
    row: ({ start, end, mwh }) => [kwh(mwh), '1.5', iso(start), iso(end)],
  },
  {
    ...{ name: 'n3rgy', zone: 'UTC', stepS: 1800, grainMwh: 1n, delimiter: ',' },
    profile: profileNamed('n3rgy'),
    head: ['timestamp (UTC),energyConsumption (kWh)'],
    isOneMeter: true,
    row: ({ end, mwh }) => [end.toFormat('yyyy-MM-dd HH:mm'), kwh(mwh)],
  },
  {
    ...{ name: 'enedis', zone: 'Europe/Paris', stepS: 1800, grainMwh: 500n, delimiter: ';' },
    profile: profileNamed('enedis'),
    head: [
      'Identifiant PRM;Type de donnees;Unite',
      '00000000000001;Courbe de charge;W',
      'Horodate;Valeur',
    ],
    isOneMeter: true,
    row: ({ end, mwh }) => [iso(end), decimal(mwh * 2n, 3)],
  },
  {
    ...{ name: 'enedis-kw', zone: 'Europe/Paris', stepS: 1800, grainMwh: 500n, delimiter: ';' },
    profile: profileNamed('enedis-kw'),
    head: ['Début;Fin;Valeur (en kW)'],
    isOneMeter: true,
    row: ({ start, end, mwh }) => [
      ...[start, end].map((each) => each.toFormat('dd/MM/yyyy HH:mm:ss')),
      kw(mwh, 1800).replace('.', ','),
    ],
  },
  {
    ...{ name: 'e-redes', zone: 'Europe/Lisbon', stepS: 900, grainMwh: 250n, delimiter: ';' },
    profile: profileNamed('e-redes'),
    head: ['Código Ponto de Entrega;PT0001', 'Data;Hora;Consumo registado, Ativa (kW);Estado'],
    isOneMeter: true,
    row: ({ end, mwh }) => [
      ...[end.toFormat('yyyy/MM/dd'), end.toFormat('HH:mm')],
      ...[kw(mwh, 900).replace('.', ','), 'Real'],
    ],
  },
  {
    ...{ name: 'pge', zone: 'America/Los_Angeles', stepS: 900, grainMwh: 1n, delimiter: ',' },
    profile: profileNamed('pge'),
    head: [
      ...['Name,SAMPLE', 'Account Number,0000000000', ''],
      'TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES',
    ],
    isOneMeter: true,
    row: ({ start, end, mwh }) => [
      ...['Electric usage', start.toFormat('yyyy-MM-dd'), start.toFormat('HH:mm')],
      ...[end.minus({ minutes: 1 }).toFormat('HH:mm'), kwh(mwh), '$0.10'],
    ],
  },
  {
    ...{ name: 'sdge', zone: 'America/Los_Angeles', stepS: 900, grainMwh: 1n, delimiter: ',' },
    profile: profileNamed('sdge'),
    head: ['Name,SAMPLE', 'UOM,kWh', 'Meter Number,Date,Start Time,Duration,Consumption,Net'],
    isOneMeter: false,
    row: ({ meter, start, mwh }) => [
      ...[meter, start.toFormat('M/d/yyyy'), start.toFormat('h:mm a'), '15', kwh(mwh), kwh(mwh)],
    ],
  },
  {
    ...{ name: 'green-button-csv', zone: 'America/New_York', stepS: 3600, grainMwh: 1n },
    profile: { ...profileNamed('green-button-csv'), zone: 'America/New_York' },
    delimiter: ',',
    head: ['Name,SAMPLE', 'TYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES'],
    isOneMeter: true,
    row: ({ start, end, mwh }) => [
      ...['Electric usage', start.toFormat('M/d/yyyy'), start.toFormat('H:mm')],
      ...[end.minus({ minutes: 1 }).toFormat('H:mm'), kwh(mwh)],
    ],
  },
  {
    ...{ name: 'tidy', zone: 'Australia/Lord_Howe', stepS: 1800, grainMwh: 1n, delimiter: ',' },
    profile: {},
    head: ['meter,start,duration_s,energy_wh'],
    isOneMeter: false,
    row: ({ meter, start, mwh }) => [meter, iso(start), '1800', decimal(mwh, 3)],
  },
]

export type SeriesParameters = {
  readonly sites: number
  readonly days: number
  readonly seed: number
  readonly change: 'spring' | 'autumn'
  readonly format: Format
}

/** Series like those of London's sites: mostly small, some zero, across a change of the clocks. */
export function makeSeries(given: SeriesParameters): Series[] {
  const { sites, days, seed, change, format } = given
  const { zone, stepS, grainMwh, isOneMeter } = format
  // A Sunday of a change is within the days of both hemispheres and of America.
  const month = change === 'spring' ? changeOf(zone, [3, 4]) : changeOf(zone, [10, 11])
  const start = month.minus({ days: Math.floor(days / 2) }).startOf('day')
  const end = start.plus({ days })
  const draw = drawer(seed)
  return Array.from({ length: isOneMeter ? 1 : sites }, (_, site): Series => {
    const values = new Map<number, bigint>()
    for (let ms = start.toMillis(); ms < end.toMillis(); ms += stepS * 1000) {
      values.set(ms, draw() < 0.1 ? 0n : BigInt(Math.floor(draw() ** 3 * 3e6)) * grainMwh)
    }
    return { meter: isOneMeter ? meterOf(format) : `L${site}`, stepS, values }
  })
}

export function writeFile(series: readonly Series[], format: Format): WrittenFile {
  const rows = series.flatMap(({ meter, stepS, values }) =>
    [...values].map(([startMs, mwh]) => {
      const start = DateTime.fromMillis(startMs, { zone: format.zone, locale: 'en' })
      const end = start.plus({ seconds: stepS })
      const cells = format.row({ meter, start, end, mwh })
      return { key: `${meter} ${startMs} ${stepS}`, meter, startMs, mwh, cells }
    }),
  )
  const { head, delimiter } = format
  const meter = format.isOneMeter ? meterOf(format) : null
  const write = (written: typeof rows) =>
    new TextEncoder().encode(
      [...head, ...written.map(({ cells }) => cells.join(delimiter))].join('\n').concat('\n'),
    )
  const again = (row: (typeof rows)[number], mwh: bigint) => {
    const start = DateTime.fromMillis(row.startMs, { zone: format.zone, locale: 'en' })
    const end = start.plus({ seconds: format.stepS })
    return { ...row, mwh, cells: format.row({ meter: row.meter, start, end, mwh }) }
  }
  const grainMwh = format.grainMwh
  return { bytes: write(rows), meter, rows, head, delimiter, grainMwh, again }
}

function meterOf({ name }: Format): string {
  return name === 'enedis' ? '00000000000001' : name === 'e-redes' ? 'PT0001' : 'M1'
}

/** Midnight before the clocks of the zone change. */
function changeOf(zone: string, months: readonly number[]): DateTime {
  let day = DateTime.fromObject({ year: 2024, month: months[0]!, day: 1 }, { zone, locale: 'en' })
  for (let tries = 0; tries < 62; tries++) {
    const next = day.plus({ days: 1 })
    if (next.offset !== day.offset) return day
    day = next
  }
  return DateTime.fromObject({ year: 2024, month: months[0]!, day: 15 }, { zone, locale: 'en' })
}

function iso(moment: DateTime): string {
  return moment.toISO({ suppressMilliseconds: true }) ?? ''
}

function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}
