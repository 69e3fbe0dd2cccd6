-- What a generation was computed from, as `recompute` wrote it down.
SELECT inputs FROM generations WHERE generation = {generation:UInt64}
