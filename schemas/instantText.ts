import * as z from 'zod'

/** To the minute or finer, with an offset: `2026-03-01T00:00Z`, `2026-03-01T01:00:30.5+01:00`. */
const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/**
 * An instant as people and programs write it in a request: ISO 8601 with an offset; the seconds may
 * be left out, as ISO 8601 allows. One rule for every request.
 */
export const instantText = z.string().refine((text) => {
  const [, minutes, seconds = ':00', offset] = pattern.exec(text) ?? []
  return z.iso.datetime({ offset: true }).safeParse(`${minutes}${seconds}${offset}`).success
}, 'date and time in ISO 8601 with an offset, such as 2013-02-11T17:00Z')
