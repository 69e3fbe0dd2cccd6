-- A unique number for a run: the store's clock, its machine and a counter.
SELECT generateSnowflakeID() AS run
