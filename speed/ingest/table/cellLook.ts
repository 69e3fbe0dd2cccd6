/** What a cell looks like; what it means is for the profile to say. */
export type Look = 'stamp' | 'number' | 'missing' | 'text'

export function lookOf(cell: string): Look {
  const text = cell.trim()
  if (isMissing(text)) return 'missing'
  if (plain.test(text)) return 'number'
  if (text.length > longestStamp) return 'text'
  const bare = text.replace(units, '')
  if (numbers.some((each) => each.test(bare))) return 'number'
  return stamps.some((each) => each.test(text)) ? 'stamp' : 'text'
}

function isMissing(text: string): boolean {
  return text === '' || /^(na|nan|null|none|n\/a|-|--)$/i.test(text)
}

const longestStamp = 48

/** Written beside a number. */
const units = /^[$€£] ?|( ?(kwh|mwh|wh|kw|mw|w|€|£))$/gi

/** Most cells of most files. */
const plain = /^-?\d+(\.\d+)?$/
const numbers = [
  /^[+-]?\d+([.,]\d*)?(e[+-]?\d+)?$/i,
  /^[+-]?[.,]\d+$/,
  // With separators of thousands: 1,234.5 and 1.234,5 and 1 234,5 and 1'234.5.
  /^[+-]?\d{1,3}([.,'’\s]\d{3})+([.,]\d+)?$/,
]

const time = String.raw`\d{1,2}[:.h]\d{2}([:.]\d{2}([.,]\d+)?)?( ?[ap]\.? ?m\.?)?`
const offset = String.raw`( ?(z|utc|gmt|[+-]\d{2}(:?\d{2})?|[a-z]{3,4}))?( ?\[[\w/+-]+\])?`
const months =
  'jan|feb|f[ée]v|mar|apr|avr|abr|may|mai|jun|jui|jul|aug|ao[uû]|ago|' +
  'sep|set|oct|okt|out|nov|dec|d[ée]c|dez|dic'
const month = `(${months})[a-zé.]*`
const dates = [
  String.raw`\d{4}(?<a>[-/.])\d{1,2}\k<a>\d{1,2}`,
  String.raw`\d{1,2}(?<b>[-/.])\d{1,2}\k<b>\d{2,4}`,
  String.raw`\d{1,2}[-/. ]${month}[-/. ,]+\d{2,4}`,
  String.raw`${month} \d{1,2},? \d{4}`,
  String.raw`\d{8}`,
]

const stamps = [
  ...dates.map((date) => new RegExp(`^(\\w{2,9},? )?${date}((t|,? +|-)${time}${offset})?$`, 'i')),
  new RegExp(`^${time}$`, 'i'),
  /^\d{8}t\d{4,6}(z|[+-]\d{4})?$/i,
  // An interval in one cell, such as 00:00 - 00:30.
  new RegExp(`^${time} ?(-|–|to) ?${time}$`, 'i'),
]
