/** Seconds of `1800`, `00:30`, `00:30:00` or `PT30M`; a bare number counts `scale` seconds. */
export function readDuration(text: string, scale: 1 | 60): number | null {
  const number = /^\d{1,6}(?:\.0+)?$/.exec(text)
  if (number) return Number(text) * scale
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text)
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)
  const iso = /^P(?:(\d{1,2})D)?(?:T(?:(\d{1,2})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?$/.exec(text)
  if (!iso || text.length < 3) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = iso
    .slice(1)
    .map((each) => Number(each ?? 0))
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
}
