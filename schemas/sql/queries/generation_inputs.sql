-- Inputs of a generation, as recorded by `recompute`.
SELECT inputs FROM generations WHERE generation = {generation:UInt64}
