/**
 * Why the archive refuses readings of a record, as it is kept with their dead letter: the first
 * overlaps the intervals of its meter, and so do `others` more.
 */
export function sentenceOfMisfit(first: {
  readonly meter: string
  /** In ISO 8601. */
  readonly start: string
  readonly durationS: number
  readonly others: number
}): string {
  const { meter, start, durationS, others } = first
  const more = others > 0 ? ` So do ${others} more of this record; send them again.` : ''
  return (
    `The ${durationS} s of ${meter} from ${start} on overlap its intervals: ` +
    `\`wattproof meter show ${meter}\`.${more}`
  )
}
