-- Records of serving: events, settlements, and the transactions of each.

-- `body` is the whole record as JSON; the other columns are for dashboards.
CREATE TABLE IF NOT EXISTS events (
  event_id String,
  version UInt64,
  state LowCardinality(String),
  start DateTime64(3, 'UTC'),
  `end` DateTime64(3, 'UTC'),
  ordered_mwh Nullable(Int64),
  delivered_mwh Nullable(Int64),
  deficiency_mwh Nullable(Int64),
  speed_delivered_mwh Nullable(Int64),
  body String
) ENGINE = ReplacingMergeTree(version) ORDER BY event_id;

CREATE TABLE IF NOT EXISTS settlements (
  event_id String,
  revision UInt32,
  version UInt64,
  period Nullable(UInt64),
  root String,
  leaf_count UInt32,
  pay_micros Int64,
  fee_micros Int64,
  state LowCardinality(String),
  body String
) ENGINE = ReplacingMergeTree(version) ORDER BY (event_id, revision);

CREATE TABLE IF NOT EXISTS settlement_lines (
  event_id String,
  revision UInt32,
  line_index UInt32,
  version UInt64,
  meter String,
  account String,
  delivered_mwh Int64,
  deficiency_mwh Int64,
  incentive_micros Int64,
  fee_micros Int64,
  pay_micros Int64,
  debt_after_micros Int64,
  entitled_micros Int64,
  detail_hash String
) ENGINE = ReplacingMergeTree(version) ORDER BY (event_id, revision, line_index);

CREATE TABLE IF NOT EXISTS attestations (
  period UInt64,
  validator String,
  version UInt64,
  signature String,
  refusal String
) ENGINE = ReplacingMergeTree(version) ORDER BY (period, validator);

-- Written before a transaction is broadcast.
CREATE TABLE IF NOT EXISTS transactions (
  once String,
  version UInt64,
  sender String,
  nonce UInt64,
  contract LowCardinality(String),
  method LowCardinality(String),
  raw String,
  hash String,
  state LowCardinality(String),
  block UInt64,
  gas_used UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (once);
