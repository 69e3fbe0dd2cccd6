-- Data of an event that later steps need: the committed baselines, the speed figures.

CREATE TABLE IF NOT EXISTS event_committed_inputs (
  event_id String,
  version UInt64,
  body String
) ENGINE = ReplacingMergeTree(version) ORDER BY event_id;
