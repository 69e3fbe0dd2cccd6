import type { Unmeasured } from '../../schemas/event.ts'
import type { Settlement } from '../../schemas/settlement.ts'

/** How many sites of a settlement miss readings or baselines; null where none does. */
export function unmeasuredOf({ lines }: Pick<Settlement, 'lines'>): Unmeasured | null {
  const short = lines.filter(({ missing }) => missing.length > 0)
  if (short.length === 0) return null
  const add = (count: (line: Settlement['lines'][number]) => number) => {
    return short.reduce((sum, line) => sum + count(line), 0)
  }
  return {
    sites: short.length,
    ofSites: lines.length,
    intervals: add(({ missing }) => missing.length),
    ofIntervals: add(({ missing, intervals }) => missing.length + intervals.length),
  }
}

/** What an operator is shown: a sum of zero may be one of nothing measured. */
export function sentenceOfUnmeasured(unmeasured: Unmeasured): string {
  const { sites, ofSites, intervals, ofIntervals } = unmeasured
  return (
    `${sites} of ${ofSites} sites have no reading or no baseline in ${intervals} of their ` +
    `${ofIntervals} intervals: nothing is paid or charged for these.`
  )
}
