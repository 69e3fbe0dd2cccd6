import { inject, test } from 'vitest'
import { checkMutation } from './testing/checkMutation.ts'

const from = inject('soakSeed')
const count = inject('isSoak') ? 1000 : 60
const perTest = 20
/** A soak changes six weeks of 30 of London's sites; `mutations.full.test.ts` a few of these. */
const size = inject('isSoak') ? { sites: 30, days: 42 } : { sites: 2, days: 2 }

const batches = Array.from({ length: count / perTest }, (_, at) => from + at * perTest)
test.each(batches)('files changed from seed %i on are read right or refused by name', (first) => {
  for (let seed = first; seed < first + perTest; seed++) checkMutation(seed, size)
})
