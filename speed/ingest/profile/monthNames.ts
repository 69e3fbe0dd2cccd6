const locales = ['de', 'fr', 'es', 'it', 'nl', 'pt', 'sv', 'da', 'nb', 'fi', 'pl', 'cs'] as const
const english = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** By name as it is written alone or in a date, without a dot: the month from 0. */
const months = monthsOf()

/** Names that mean one month in a language and another in the next are none. */
function monthsOf(): ReadonlyMap<string, number> {
  const found = new Map<string, Set<number>>()
  for (const locale of locales) {
    for (const style of ['long', 'short'] as const) {
      for (const options of [{ month: style }, { day: 'numeric', month: style }] as const) {
        const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
        for (let month = 0; month < 12; month++) {
          const parts = format.formatToParts(Date.UTC(2024, month, 13))
          const name = plain(parts.find(({ type }) => type === 'month')?.value ?? '')
          if (/^\p{L}{3,}$/u.test(name)) found.set(name, (found.get(name) ?? new Set()).add(month))
        }
      }
    }
  }
  // With a sign that German exports write without its dots.
  found.set('maerz', new Set([2]))
  const certain = [...found].filter(([, meant]) => meant.size === 1)
  return new Map(certain.map(([name, [month]]) => [name, month!]))
}

/** `13 Mar 2024 00:30` of `13. März 2024 00:30`; a text that has no such name stays as it is. */
export function withEnglishMonth(text: string): string {
  // Nearly all stamps are digits.
  if (!/\p{L}{3}/u.test(text)) return text
  const match =
    /^(\d{1,2})(\.?[ -]|-)(?:de )?(\p{L}{3,})\.?,?(?: de )?([ -]?)(\d{2,4})(?!\d)/u.exec(text)
  if (!match) return text
  const [whole, day, joint = ' ', name = '', , year] = match
  const month = months.get(plain(name))
  if (month === undefined) return text
  const between = joint.endsWith('-') ? '-' : ' '
  return [day, english[month], year].join(between) + text.slice(whole.length)
}

function plain(name: string): string {
  return name.toLowerCase().normalize('NFC').replace(/\.$/, '')
}
