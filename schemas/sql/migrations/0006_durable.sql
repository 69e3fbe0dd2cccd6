-- Acknowledged inserts must survive a power cut, not only a kill, because log offsets and chain
-- heads that depend on them are already on disk. The speed view and the progress of layers are not
-- synced: they are recomputed from the log.

ALTER TABLE meters MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE group_parents MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE points MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE occupancies MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE readings MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE rejected MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE resolved_dead_letters MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE ingest_counters MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE events MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE event_committed_inputs MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE settlements MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE settlement_lines MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE attestations MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE transactions MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE archive_progress MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
