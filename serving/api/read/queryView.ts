import type { Views } from '../../../schemas/ports/views.ts'
import { epochMsMax } from '../../../schemas/time.ts'
import type { StoredRow } from '../../merge/toCells.ts'
import type { ViewQuery, ViewValues } from '../../merge/viewQuery.ts'

type Ask = (views: Views, values: ViewValues) => Promise<StoredRow[]>

/** Each query gets the values that it takes; the store refuses any other. */
const asks: Readonly<Record<ViewQuery, Ask>> = {
  merged_deviation: (views, { meter, group, from_ms, to_ms, limit, after, pin }) =>
    views.query('merged_deviation', { meter, group, from_ms, to_ms, limit, after, ...pin }),
  merged_group: (views, { group, from_ms, to_ms, limit, after }) =>
    views.query('merged_group', { group, from_ms, to_ms, limit, after }),
  exceptions: (views, { meter, group, from_ms, to_ms, limit, after, pin }) =>
    views.query('exceptions', { meter, group, from_ms, to_ms, limit, after, ...pin }),
  forecast: (views, { meter, group, from_ms, to_ms, limit, after }) =>
    views.query('forecast', { meter, group, from_ms, to_ms, limit, after }),
  view_group_forecast: (views, { group, from_ms, to_ms, limit }) =>
    views.query('view_group_forecast', { group, from_ms, to_ms, limit }),
  view_baseline: (views, { meter, group, from_ms, to_ms, limit, after }) =>
    views.query('view_baseline', { meter, group, from_ms, to_ms, limit, after }),
  counting_readings: (views, { meters, from_ms, to_ms, as_of }) =>
    views.query('counting_readings', { meters, from_ms, to_ms, as_of }),
  view_rejected: (views, { reason, from_ms, to_ms, limit, after }) =>
    views.query('view_rejected', { reason, source: '', from_ms, to_ms, limit, after }),
  view_events: (views, { event, from_ms, to_ms, limit, after }) =>
    views.query('view_events', { event, from_ms, to_ms, limit, after }),
  view_settlements: (views, { event, limit, after }) =>
    views.query('view_settlements', { event, limit, after }),
  view_settlement_lines: (views, { event, revision, meter, limit, after }) =>
    views.query('view_settlement_lines', { event, revision, meter, limit, after }),
  view_attestations: (views, { period: settlementNumber, limit, after }) =>
    views.query('view_attestations', { period: settlementNumber, limit, after }),
}

const all: Omit<ViewValues, 'limit'> = {
  from_ms: 0,
  to_ms: epochMsMax,
  meter: '',
  meters: [],
  group: '',
  event: '',
  revision: 0,
  period: 0,
  reason: '',
  after: '',
  as_of: [],
  pin: null,
}

/** Rows of a view's query; a value that is not given means all. */
export function queryView(
  views: Views,
  name: ViewQuery,
  values: Partial<ViewValues> & Pick<ViewValues, 'limit'>,
): Promise<StoredRow[]> {
  return asks[name](views, { ...all, ...values })
}
