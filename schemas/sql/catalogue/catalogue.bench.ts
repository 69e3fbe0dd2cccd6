import { bench, describe } from 'vitest'
import { catalogue } from './catalogue.ts'

/** A result of 100,000 rows of twelve columns, as the store sends it. */
const lines = Array.from({ length: 100_000 }, (_, index) => {
  return JSON.stringify({
    ...{ meter: `m${index % 100}`, group_id: 'north', start_ms: 1.7e12 + index * 1_000 },
    ...{ duration_s: 1_800, energy_mwh: index, baseline_mwh: index % 3 === 0 ? null : index },
    ...{ ratio: 1.02, deviation_w: index / 7, z: null, rolling_wh: 2.5 },
    ...{ is_exception: false, origin: 'speed' },
  })
})
const rows = lines.map((line) => JSON.parse(line) as unknown)

describe('100,000 rows of merged_deviation', () => {
  bench('parse their JSON', () => {
    for (const line of lines) JSON.parse(line)
  })
  bench('decode them by the entry', () => {
    for (const row of rows) catalogue.merged_deviation.decode(row)
  })
})
