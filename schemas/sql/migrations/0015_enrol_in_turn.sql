-- Of inserts of meters with one key only the first is stored (`onceKey` of the port), so that of two processes that
-- enrol after one and the same version the second decides again. A setting is set again without harm.

ALTER TABLE meters MODIFY SETTING non_replicated_deduplication_window = 10000;
