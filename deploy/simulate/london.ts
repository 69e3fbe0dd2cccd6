import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import { type EpochMs, isoUtc, localDayOf, localToEpochMs } from '../../schemas/time.ts'

export const londonZone = 'Europe/London'
export const londonIntervalS = 1800

/** A reading as a gateway sends it: one tidy row. */
export type TidyRow = {
  readonly meter: string
  readonly start: string
  readonly duration_s: number
  readonly energy_wh: number
  readonly revision?: number
}

export type LondonSlot = { readonly startMs: EpochMs; readonly rows: readonly TidyRow[] }

export type London = {
  /** On the dynamic tariff: they respond to High prices. */
  readonly dynamic: readonly string[]
  /** On the flat tariff: the control group. */
  readonly flat: readonly string[]
  /** Half-hours in order; a home without a value is not in its rows. */
  readonly slots: readonly LondonSlot[]
  /** Local days on which the tariff called anything but its normal price. */
  readonly calledDates: readonly string[]
}

/** Reads the excerpt in `london/`: `homes` homes, all dynamic ones first. */
export function loadLondon(homes = Number.POSITIVE_INFINITY): London {
  const households = readTable('households')
  const ofTariff = (name: string) =>
    households.filter((row) => row.stdorToU === name).map((row) => row.LCLid!)
  const dynamic = ofTariff('ToU')
  const flat = ofTariff('Std').slice(0, Math.max(0, homes - dynamic.length))
  const members = [...dynamic, ...flat].sort()

  const slots = readTable('kwh_halfhour_wide').map((row) => {
    const startMs = localToEpochMs(row.timestamp_local!, londonZone)
    return { startMs, rows: members.flatMap((meter) => rowOf(meter, startMs, row[meter])) }
  })
  const called = readTable('tariff').filter((row) => row.tariff !== 'Normal')
  const dates = called.map((row) => {
    return localDayOf(localToEpochMs(row.timestamp_local!, londonZone), londonZone).date
  })
  return { dynamic, flat, slots, calledDates: [...new Set(dates)] }
}

function rowOf(meter: string, startMs: EpochMs, kwh: string | undefined): TidyRow[] {
  invariant(kwh !== undefined, `The excerpt has no column ${meter}.`)
  if (kwh === '') return []
  // The file has whole watt-hours as kWh with three decimals, so rounding is exact.
  const energy = Math.round(Number(kwh) * 1000)
  return [{ meter, start: isoUtc(startMs), duration_s: londonIntervalS, energy_wh: energy }]
}

function readTable(name: string): Record<string, string>[] {
  const packed = readFileSync(new URL(`london/${name}.csv.gz`, import.meta.url))
  return parse(gunzipSync(packed), { columns: true })
}
