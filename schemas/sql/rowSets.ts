type StoredTypes = {
  readonly String: string
  readonly Bool: boolean
  /** `2013-02-11`. */
  readonly Date: string
  readonly UInt8: number
  readonly UInt16: number
  readonly UInt32: number
  readonly UInt64: number | bigint
  readonly UInt128: number | bigint
  readonly Int64: number | bigint
  readonly Float32: number
  readonly Float64: number
  /** Milliseconds since 1970 in UTC. */
  readonly DateTime64: number
}
type PlainType = keyof StoredTypes
type NullableType = `Nullable(${PlainType})`

/**
 * The tables that accept rows, with the columns and ClickHouse types of each, in the order of the
 * migrations. Engines encode by these types; a test compares them with the migrations.
 */
export const rowSets = {
  migrations: { name: 'String', checksum: 'String', applied: 'DateTime64' },
  meters: {
    meter: 'String',
    version: 'UInt64',
    site: 'Nullable(String)',
    kind: 'Nullable(String)',
    zone: 'String',
    groups: 'String',
    interval_s: 'UInt32',
    account: 'String',
    steps: 'Nullable(String)',
  },
  group_parents: {
    group_id: 'String',
    start: 'DateTime64',
    version: 'UInt64',
    parent: 'String',
  },
  points: {
    site: 'String',
    start: 'DateTime64',
    version: 'UInt64',
    programme: 'String',
    terms: 'String',
    hash: 'String',
  },
  occupancies: { site: 'String', start: 'DateTime64', version: 'UInt64', account: 'String' },
  readings: {
    meter: 'String',
    start: 'DateTime64',
    quality: 'UInt8',
    revision: 'UInt32',
    energy_mwh: 'Int64',
    power_w: 'Nullable(Float32)',
    reactive_var: 'Nullable(Float32)',
    duration_s: 'UInt32',
    log_partition: 'UInt16',
    log_offset: 'UInt64',
    log_index: 'UInt32',
  },
  rejected: {
    reason: 'String',
    log_offset: 'UInt64',
    detail: 'String',
    source: 'String',
    source_index: 'UInt32',
    source_line: 'UInt32',
    source_column: 'String',
    source_value: 'String',
    read_as: 'String',
    received: 'DateTime64',
    original_base64: 'String',
  },
  resolved_dead_letters: { log_offset: 'UInt64', resolved: 'DateTime64' },
  ingest_counters: {
    layer: 'String',
    topic: 'String',
    log_partition: 'UInt16',
    log_offset: 'UInt64',
    version: 'UInt64',
    read: 'UInt32',
    accepted: 'UInt32',
    duplicate: 'UInt32',
    rejected: 'UInt32',
    late: 'UInt32',
    corrected: 'UInt32',
  },
  generations: {
    generation: 'UInt64',
    run: 'UInt64',
    high_water: 'DateTime64',
    horizon: 'DateTime64',
    model_id: 'String',
    created: 'DateTime64',
    inputs: 'String',
  },
  dirty_days: {
    generation: 'UInt64',
    version: 'UInt64',
    days: 'UInt32',
    meters: 'UInt32',
    since: 'DateTime64',
  },
  manifest: { run: 'UInt64', day: 'Date', rows_run: 'UInt64', sums_run: 'UInt64', since: 'Date' },
  batch_deviation: {
    day: 'Date',
    run: 'UInt64',
    meter: 'String',
    start: 'DateTime64',
    group_id: 'String',
    duration_s: 'UInt32',
    energy_mwh: 'Int64',
    baseline_mwh: 'Nullable(Int64)',
    ratio: 'Nullable(Float32)',
    deviation_w: 'Nullable(Float32)',
    z: 'Nullable(Float32)',
    rolling_wh: 'Nullable(Float32)',
    is_exception: 'Bool',
  },
  batch_group: {
    day: 'Date',
    run: 'UInt64',
    group_id: 'String',
    start: 'DateTime64',
    duration_s: 'UInt32',
    members: 'UInt32',
    load_w: 'Float64',
    baseline_w: 'Nullable(Float64)',
    deviation_w: 'Nullable(Float64)',
  },
  batch_baseline: {
    run: 'UInt64',
    meter: 'String',
    start: 'DateTime64',
    duration_s: 'UInt32',
    baseline_mwh: 'Int64',
    sigma_w: 'Float32',
  },
  batch_forecast: {
    run: 'UInt64',
    meter: 'String',
    start: 'DateTime64',
    duration_s: 'UInt32',
    forecast_mwh: 'Int64',
    model: 'String',
    flag: 'String',
  },
  batch_group_forecast: {
    run: 'UInt64',
    group_id: 'String',
    start: 'DateTime64',
    duration_s: 'UInt32',
    members: 'UInt32',
    forecast_mwh: 'Int64',
    model: 'String',
    flag: 'String',
  },
  speed_deviation: {
    meter: 'String',
    start: 'DateTime64',
    version: 'UInt128',
    group_id: 'String',
    duration_s: 'UInt32',
    energy_mwh: 'Int64',
    baseline_mwh: 'Nullable(Int64)',
    ratio: 'Nullable(Float32)',
    deviation_w: 'Nullable(Float32)',
    z: 'Nullable(Float32)',
    rolling_wh: 'Nullable(Float32)',
    is_exception: 'Bool',
  },
  speed_group: {
    group_id: 'String',
    start: 'DateTime64',
    version: 'UInt128',
    duration_s: 'UInt32',
    members: 'UInt32',
    load_w: 'Float64',
    baseline_w: 'Nullable(Float64)',
    deviation_w: 'Nullable(Float64)',
  },
  watermarks: {
    log_partition: 'UInt16',
    version: 'UInt64',
    watermark: 'DateTime64',
    held_from: 'Nullable(DateTime64)',
  },
  archive_progress: {
    log_partition: 'UInt16',
    next_offset: 'UInt64',
    max_end: 'Nullable(DateTime64)',
    read_at: 'DateTime64',
  },
  events: {
    event_id: 'String',
    version: 'UInt64',
    state: 'String',
    start: 'DateTime64',
    end: 'DateTime64',
    ordered_mwh: 'Nullable(Int64)',
    delivered_mwh: 'Nullable(Int64)',
    deficiency_mwh: 'Nullable(Int64)',
    speed_delivered_mwh: 'Nullable(Int64)',
    body: 'String',
  },
  event_committed_inputs: { event_id: 'String', version: 'UInt64', body: 'String' },
  settlements: {
    event_id: 'String',
    revision: 'UInt32',
    version: 'UInt64',
    period: 'Nullable(UInt64)',
    root: 'String',
    leaf_count: 'UInt32',
    pay_micros: 'Int64',
    fee_micros: 'Int64',
    state: 'String',
    body: 'String',
  },
  settlement_lines: {
    event_id: 'String',
    revision: 'UInt32',
    line_index: 'UInt32',
    version: 'UInt64',
    meter: 'String',
    account: 'String',
    delivered_mwh: 'Int64',
    deficiency_mwh: 'Int64',
    incentive_micros: 'Int64',
    fee_micros: 'Int64',
    pay_micros: 'Int64',
    debt_after_micros: 'Int64',
    entitled_micros: 'Int64',
    detail_hash: 'String',
  },
  attestations: {
    period: 'UInt64',
    validator: 'String',
    version: 'UInt64',
    signature: 'String',
    refusal: 'String',
  },
  transactions: {
    once: 'String',
    version: 'UInt64',
    sender: 'String',
    nonce: 'UInt64',
    contract: 'String',
    method: 'String',
    raw: 'String',
    hash: 'String',
    state: 'String',
    block: 'UInt64',
    gas_used: 'UInt64',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, PlainType | NullableType>>>>

type RowSets = typeof rowSets
export type RowSetName = keyof RowSets

/** A row for `views.insert(NAME, …)`; nullable columns may be left out. */
export type InsertRow<Name extends RowSetName> = InsertRowOf<RowSets[Name]>

type InsertRowOf<Of> = {
  readonly [Column in keyof Of as Of[Column] extends PlainType
    ? Column
    : never]: Of[Column] extends PlainType ? StoredTypes[Of[Column]] : never
} & {
  readonly [Column in keyof Of as Of[Column] extends NullableType ? Column : never]?:
    | (Of[Column] extends `Nullable(${infer Type extends PlainType})` ? StoredTypes[Type] : never)
    | null
    | undefined
}

/**
 * Row sets that runs of the batch layer write, with the columns that name a partition. They are
 * inserted once and dropped by partition.
 */
export const partitionedBy = {
  batch_deviation: ['day', 'run'],
  batch_group: ['day', 'run'],
  batch_baseline: ['run'],
  batch_forecast: ['run'],
  batch_group_forecast: ['run'],
  manifest: ['run'],
} as const satisfies Partial<Record<RowSetName, readonly ('day' | 'run')[]>>

export type PartitionedRowSetName = keyof typeof partitionedBy
