import type { StreamFormat, Views } from '../ports/views.ts'
import { statedColumns } from '../reading/testing/aReading.ts'
import type { InsertRow } from '../sql/rowSets.ts'

/** The store of a suite, while its tests run. */
export type StoreUnderTest = {
  readonly views: Views
  /** One more client, as another process would have. */
  readonly open: () => Promise<Views>
}

/** Called as from untyped code. */
export type UntypedViews = {
  query(name: string, parameters?: object): Promise<unknown[]>
  stream(name: string, parameters: object, format: StreamFormat): Promise<unknown>
  insert(rowSet: string, rows: readonly object[]): Promise<void>
}

export const startMs = Date.UTC(2013, 1, 11)
export const stepMs = 1_800_000
export const day = '2013-02-11'
/** Before no place in the log: every word. */
export const everyWord = { log_partition: 0xffff, log_offset: 0 }
/** As of now: what the words say that are stored. */
export const asOfNow = { as_of: [] as readonly number[] }
export const range = { from_ms: startMs, to_ms: startMs + 30 * 86_400_000 }

let serial = 0

/** A name that is unique across runs. */
export function newName(text: string): string {
  serial += 1
  return `${Date.now().toString(36)}-${serial}-${text}`
}

export function reading(change: Partial<InsertRow<'readings'>>): InsertRow<'readings'> {
  return {
    meter: 'nobody',
    start: startMs,
    quality: 2,
    revision: 0,
    ...statedColumns,
    energy_mwh: 1_000,
    power_w: null,
    reactive_var: null,
    duration_s: 1_800,
    log_partition: 0,
    log_offset: 0,
    log_index: 0,
    ...change,
  }
}

export function meterRow(
  change: Pick<InsertRow<'meters'>, 'meter' | 'version' | 'groups'>,
): InsertRow<'meters'> {
  return { zone: 'Europe/London', interval_s: 1_800, account: '', ...change }
}

/** The versions of a meter, in the order of their starts. */
export async function versionsOf(views: Views, meter: string) {
  const rows = await views.query('words_between', { meters: [meter], ...range, ...everyWord })
  return rows.sort((left, right) => left.start_ms - right.start_ms)
}
