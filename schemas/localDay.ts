const dayMs = 86_400_000

/**
 * The local day that contains an instant, `[startMs, endMs)`. By `Intl` alone: Temporal is larger
 * than all that the pages load before their first paint.
 *
 * A day lasts from the first instant of its date to the first of the next date. Where clocks go
 * back over midnight, the evening that is repeated belongs to the day that has already begun.
 *
 * @param zone a known IANA name.
 */
export function localDayAt(ms: number, zone: string): LocalDayBounds {
  const midnightMs = Math.floor((ms + offsetMs(ms, zone)) / dayMs) * dayMs
  const day = dayOf(midnightMs, zone)
  return day.endMs <= ms ? dayOf(midnightMs + dayMs, zone) : day
}

/** `date` is `2013-02-11`. */
export type LocalDayBounds = {
  readonly date: string
  readonly startMs: number
  readonly endMs: number
}

/** @param midnightMs of the wall clock, as if its zone were UTC. */
function dayOf(midnightMs: number, zone: string): LocalDayBounds {
  return {
    date: new Date(midnightMs).toISOString().split('T', 1)[0]!,
    startMs: firstInstant(midnightMs, zone),
    endMs: firstInstant(midnightMs + dayMs, zone),
  }
}

/** The first instant at which a clock shows a midnight, or skips it. */
function firstInstant(midnightMs: number, zone: string): number {
  const before = offsetMs(midnightMs - dayMs, zone)
  const after = offsetMs(midnightMs + dayMs, zone)
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (offsetMs(midnightMs - offset, zone) === offset) return midnightMs - offset
  }
  // Skipped: the day begins where the offset changes.
  let [earlyMs, lateMs] = [midnightMs - after, midnightMs - before]
  while (lateMs - earlyMs > 1) {
    const middleMs = Math.floor((earlyMs + lateMs) / 2)
    if (offsetMs(middleMs, zone) === before) earlyMs = middleMs
    else lateMs = middleMs
  }
  return lateMs
}

/** How far a zone's clocks are ahead of UTC at an instant. */
function offsetMs(ms: number, zone: string): number {
  // `1/1/1970, GMT-00:44:30`, and `GMT` alone.
  const [, sign, text = ''] =
    clockOf(zone)
      .format(ms)
      .match(/([+-])([\d:]+)$/) ?? []
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number)
  const offsetS = (hours * 60 + minutes) * 60 + seconds
  return (sign === '-' ? -offsetS : offsetS) * 1000
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  const clock = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  clocks.set(zone, clock)
  return clock
}
