import { test } from 'vitest'
import { checkMutation } from './testing/checkMutation.ts'

/** A fixed sample of the 1,000 files that a soak changes, each with 30 sites and six weeks. */
const seeds = Array.from({ length: 12 }, (_, at) => at)
test.each(seeds)('six weeks of 30 sites, changed by seed %i', (seed) => {
  checkMutation(seed, { sites: 30, days: 42 })
})
