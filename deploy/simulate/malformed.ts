import type { RejectReason } from '../../schemas/reading/reading.ts'
import type { TidyRow } from './london.ts'

/** A line that a faulty gateway might send, made from a valid row; one kind per reason. */
export const malformedKinds: Readonly<Partial<Record<RejectReason, (row: TidyRow) => string>>> = {
  unparsable: (row) => JSON.stringify(row).slice(0, -9),
  'missing-field': ({ energy_wh: _, ...rest }) => JSON.stringify(rest),
  'unknown-field': (row) => JSON.stringify({ ...row, firmware: '2.1' }),
  'bad-meter-id': (row) => JSON.stringify({ ...row, meter: `${row.meter} (kitchen)` }),
  'bad-timestamp': (row) => JSON.stringify({ ...row, start: '2013-02-30T17:00:00Z' }),
  'bad-duration': (row) => JSON.stringify({ ...row, duration_s: 0 }),
  overlap: (row) =>
    JSON.stringify({ ...row, start: row.start.replace(/:\d\d:00\.000Z$/, ':07:00.000Z') }),
  'not-a-number': (row) => JSON.stringify({ ...row, energy_wh: '0,219' }),
  'negative-energy': (row) => JSON.stringify({ ...row, energy_wh: -row.energy_wh - 1 }),
  'out-of-range': (row) => JSON.stringify({ ...row, energy_wh: 4_294_967_295_000 }),
  'in-the-future': (row) =>
    JSON.stringify({ ...row, start: row.start.replace(/^\d{4}-\d\d-\d\d/, '2099-01-01') }),
  'unknown-meter': (row) => JSON.stringify({ ...row, meter: `X${row.meter}` }),
}
