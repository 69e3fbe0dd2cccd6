-- How far the enrolments are in what is shown: a layer has published all that those up to `revision`, a version of
-- `meters`, change.
CREATE TABLE IF NOT EXISTS shown_enrolments (
  layer LowCardinality(String),
  revision UInt64
) ENGINE = ReplacingMergeTree(revision) ORDER BY layer;
