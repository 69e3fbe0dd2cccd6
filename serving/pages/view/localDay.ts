const hourMs = 3_600_000

/** Offset of a zone from UTC at an instant, ms. */
function zoneOffsetMs(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(ms)
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  const [year, month, day] = [part('year'), part('month'), part('day')]
  const wall = Date.UTC(year, month - 1, day, part('hour'), part('minute'), part('second'))
  return wall - Math.floor(ms / 1000) * 1000
}

/** The last local midnight at or before an instant; the first one of a day that repeats it. */
export function localMidnight(ms: number, zone: string): number {
  const wall = ms + zoneOffsetMs(ms, zone)
  const midnight = Math.floor(wall / (24 * hourMs)) * 24 * hourMs
  const guess = midnight - zoneOffsetMs(ms, zone)
  // On a day with a DST change, the offset at midnight differs.
  return midnight - zoneOffsetMs(guess, zone)
}

/** The local midnight that ends an instant's day; days of 23 and 25 hours too. */
export function nextMidnight(ms: number, zone: string): number {
  return localMidnight(localMidnight(ms, zone) + 28 * hourMs, zone)
}

/** Today, and until 06:00 also yesterday evening. */
export function dayAround(nowMs: number, zone: string): { fromMs: number; toMs: number } {
  return {
    fromMs: localMidnight(nowMs - 6 * hourMs, zone),
    toMs: nextMidnight(nowMs, zone),
  }
}
