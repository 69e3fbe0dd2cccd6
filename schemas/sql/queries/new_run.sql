-- A number no other run has: the store's clock, its machine and a counter.
SELECT generateSnowflakeID() AS run
