-- What each micro-batch writes is merged sixteen parts at a time. By default a row of the speed view was merged two or
-- three times within minutes, which cost the store twice what its insert had, and a row of a small table most
-- of what an insert costs; a question opens up to fifteen parts more. A setting is set again without harm.

ALTER TABLE speed_deviation MODIFY SETTING min_parts_to_merge_at_once = 16;
ALTER TABLE speed_group MODIFY SETTING min_parts_to_merge_at_once = 16;
ALTER TABLE watermarks MODIFY SETTING min_parts_to_merge_at_once = 16;
ALTER TABLE ingest_counters MODIFY SETTING min_parts_to_merge_at_once = 16;
ALTER TABLE archive_progress MODIFY SETTING min_parts_to_merge_at_once = 16;
