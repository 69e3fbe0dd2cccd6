import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { ViewDescription } from '../shapes/views.ts'
import {
  count,
  flag,
  instant,
  micros,
  mwh,
  nullable,
  ratio,
  type SourceColumn,
  seconds,
  secret,
  text,
  wattHours,
  watts,
} from './viewColumns.ts'
import type { ViewQuery } from './viewQuery.ts'

/** A view's description and its query. */
export type CatalogueView = Omit<ViewDescription, 'columns'> & {
  readonly query: ViewQuery
  readonly columns: readonly SourceColumn[]
  /** Default range without `from` and `to`, hours around now; null: no time. */
  readonly hours: { readonly back: number; readonly ahead: number } | null
}

/** @throws NotFoundError. */
export function viewNamed(name: string): CatalogueView {
  const view = viewCatalogue.find((each) => each.name === name)
  if (!view) throw new NotFoundError('view', name)
  return view
}

const meterColumn = text('meter', 'meter', 'meter as its gateway names it')
const groupColumn = text(
  'group',
  'group_id',
  'id of the group: its name, after its kind unless a community',
)
const startColumn = instant('start', 'start_ms', 'start of the interval, which belongs to it')
const durationColumn = seconds('durationS', 'duration_s', 'length of the interval')
const originColumn = text('origin', 'origin', 'batch before the high-water mark, speed from it on')
const eventColumn = text('event', 'event_id', 'event')
const revisionColumn = count('revision', 'revision', 'revision of the settlement, from 1')

const deviationColumns: readonly SourceColumn[] = [
  meterColumn,
  text('group', 'group_id', 'groups it is in, one of a kind, with spaces between'),
  startColumn,
  durationColumn,
  mwh('energyMwh', 'energy_mwh', 'energy of the reading that counts'),
  nullable(mwh('baselineMwh', 'baseline_mwh', "day's baseline before the same-day adjustment")),
  nullable(ratio('ratio', 'ratio', 'same-day ratio of load to baseline, 0.8 to 1.2')),
  nullable(watts('deviationW', 'deviation_w', 'mean power minus adjusted baseline power')),
  nullable(ratio('z', 'z', 'deviation in standard deviations of the day so far')),
  nullable(wattHours('rollingWh', 'rolling_wh', 'deviations of the last hour, summed')),
  flag('isException', 'is_exception', 'whether the last hour left the contracted band'),
  originColumn,
]

const forecastTail: readonly SourceColumn[] = [
  mwh('forecastMwh', 'forecast_mwh', 'expected energy'),
  text('model', 'model', 'model it was made by'),
  text('flag', 'flag', 'what was unusual in making it; empty for nothing'),
]

/** All views, with their columns in order. */
export const viewCatalogue: readonly CatalogueView[] = [
  {
    name: 'deviation',
    about: 'Each meter against its baseline: batch before the high-water mark, speed after it.',
    scope: 'meter',
    parameters: ['meter', 'group', 'from', 'to'],
    order: 'ascending',
    query: 'merged_deviation',
    hours: { back: 24, ahead: 1 },
    columns: deviationColumns,
  },
  {
    name: 'group',
    about: 'Sums over the members of a group that have both a reading and a baseline.',
    scope: 'group',
    parameters: ['group', 'from', 'to'],
    order: 'ascending',
    query: 'merged_group',
    hours: { back: 24, ahead: 1 },
    columns: [
      groupColumn,
      startColumn,
      durationColumn,
      count('members', 'members', 'members summed; a row of fewer than five needs the token'),
      watts('loadW', 'load_w', 'mean power'),
      nullable(watts('baselineW', 'baseline_w', 'adjusted baseline')),
      nullable(watts('deviationW', 'deviation_w', 'load minus adjusted baseline')),
      originColumn,
    ],
  },
  {
    name: 'forecast',
    about: 'The days ahead by meter, from the newest generation.',
    scope: 'meter',
    parameters: ['meter', 'group', 'from', 'to'],
    order: 'ascending',
    query: 'forecast',
    hours: { back: 0, ahead: 48 },
    columns: [meterColumn, startColumn, durationColumn, ...forecastTail],
  },
  {
    name: 'group_forecast',
    about: 'The days ahead summed over a group, or over all meters without one.',
    scope: 'group',
    parameters: ['group', 'from', 'to'],
    order: 'ascending',
    query: 'view_group_forecast',
    hours: { back: 0, ahead: 48 },
    columns: [
      groupColumn,
      startColumn,
      durationColumn,
      count('members', 'members', 'members summed; a row of fewer than five needs the token'),
      ...forecastTail,
    ],
  },
  {
    name: 'baseline',
    about: 'The published baseline of the days from the high-water mark on, unadjusted.',
    scope: 'meter',
    parameters: ['meter', 'group', 'from', 'to'],
    order: 'ascending',
    query: 'view_baseline',
    hours: { back: 24, ahead: 48 },
    columns: [
      meterColumn,
      startColumn,
      durationColumn,
      mwh('baselineMwh', 'baseline_mwh', 'mean of the similar days'),
      watts('sigmaW', 'sigma_w', 'spread of the similar days'),
    ],
  },
  {
    name: 'readings',
    about: 'The master data set: of every interval the version that counts.',
    scope: 'meter',
    parameters: ['meter', 'group', 'from', 'to', 'asOf'],
    order: 'ascending',
    query: 'counting_readings',
    hours: { back: 24, ahead: 1 },
    columns: [
      meterColumn,
      startColumn,
      durationColumn,
      mwh('energyMwh', 'energy_mwh', 'energy'),
      count('quality', 'quality', '0 estimated, 1 substituted, 2 measured'),
    ],
  },
  {
    name: 'exceptions',
    about: 'Intervals whose last hour left the contracted band.',
    scope: 'meter',
    parameters: ['meter', 'group', 'from', 'to'],
    order: 'descending',
    query: 'exceptions',
    hours: { back: 24, ahead: 1 },
    columns: deviationColumns,
  },
  {
    name: 'rejected',
    about: 'Pending dead letters, by time of receipt.',
    scope: 'meter',
    parameters: ['from', 'to'],
    order: 'descending',
    query: 'view_rejected',
    hours: { back: 24 * 30, ahead: 1 },
    columns: [
      text('reason', 'reason', 'why it was rejected'),
      count('offset', 'log_offset', 'place in readings.v1.rejected'),
      text('detail', 'detail', 'what is wrong, and what to do'),
      text('source', 'source', 'file or client'),
      count('line', 'source_line', 'line of the file or body, from 1'),
      text('column', 'source_column', 'column or series of the cell'),
      instant('received', 'received_ms', 'time of receipt'),
      text('originalBase64', 'original_base64', 'the original bytes'),
    ],
  },
  {
    name: 'events',
    about: 'Events by their start; figures with the token, see GET /events for many meters.',
    scope: 'group',
    parameters: ['event', 'from', 'to'],
    order: 'descending',
    query: 'view_events',
    hours: { back: 24 * 300, ahead: 24 * 60 },
    columns: [
      eventColumn,
      text('state', 'state', 'state of the event'),
      instant('start', 'start_ms', 'start'),
      instant('end', 'end_ms', 'end, which does not belong to it'),
      secret(mwh('orderedMwh', 'ordered_mwh', 'reduction ordered')),
      secret(mwh('speedDeliveredMwh', 'speed_delivered_mwh', 'provisional, at its end')),
      secret(mwh('deliveredMwh', 'delivered_mwh', 'settled')),
      secret(mwh('deficiencyMwh', 'deficiency_mwh', 'settled')),
    ],
  },
  {
    name: 'settlements',
    about: 'Settlements, one row a revision.',
    scope: 'group',
    parameters: ['event'],
    order: 'descending',
    query: 'view_settlements',
    hours: null,
    columns: [
      eventColumn,
      revisionColumn,
      nullable(count('period', 'period', 'settlement number on the anchor')),
      text('root', 'root', 'Merkle root of its lines'),
      count('leaves', 'leaf_count', 'lines'),
      micros('payMicros', 'pay_micros', 'what the vault owes for it'),
      micros('feeMicros', 'fee_micros', 'fees'),
      text('state', 'state', 'state of the settlement'),
    ],
  },
  {
    name: 'settlement_lines',
    about: 'The invoice: lines of the newest revision of an event.',
    scope: 'meter',
    parameters: ['event', 'meter'],
    order: 'ascending',
    query: 'view_settlement_lines',
    hours: null,
    columns: [
      eventColumn,
      revisionColumn,
      count('index', 'line_index', 'index of the leaf'),
      meterColumn,
      text('account', 'account', 'payee'),
      mwh('deliveredMwh', 'delivered_mwh', 'delivered'),
      mwh('deficiencyMwh', 'deficiency_mwh', 'missing'),
      micros('incentiveMicros', 'incentive_micros', 'earned by delivery'),
      micros('feeMicros', 'fee_micros', 'charged for missing energy'),
      micros('payMicros', 'pay_micros', 'owed once older fees are netted off'),
      micros('debtAfterMicros', 'debt_after_micros', 'fees carried to the next event'),
      micros('entitledMicros', 'entitled_micros', 'all the account was ever entitled to'),
      text('detailHash', 'detail_hash', 'hash of all its inputs'),
    ],
  },
  {
    name: 'attestations',
    about: 'The verdicts of validators on a settlement.',
    scope: 'group',
    parameters: ['period'],
    order: 'descending',
    query: 'view_attestations',
    hours: null,
    columns: [
      count('period', 'period', 'settlement number on the anchor'),
      text('validator', 'validator', 'address'),
      text('signature', 'signature', 'EIP-712 signature; empty for a refusal'),
      secret(text('refusal', 'refusal', 'why it refuses, with the token; empty with a signature')),
    ],
  },
]

/** The description of a view in `GET /views`. */
export function describeView(view: CatalogueView): ViewDescription {
  const { query: _query, hours: _hours, columns, ...described } = view
  return {
    ...described,
    columns: columns.map(({ source: _source, isPrivate: _isPrivate, ...column }) => column),
  }
}
