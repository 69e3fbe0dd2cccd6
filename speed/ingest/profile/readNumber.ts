import { TwoAnswersError } from '../../../schemas/errors/profile.ts'
import { type Decimal, parseDecimal } from '../decimal.ts'
import type { Evidence } from '../table/table.ts'

export type NumberStyle = { readonly decimal: '.' | ','; readonly thousands: string }

export type NumberTexts = {
  readonly texts: readonly string[]
  readonly delimiter: string | null
  /** One of the file: beside 15.01.2024 a point may be of thousands. */
  readonly stamp: string
  readonly decimal: '.' | ',' | undefined
  readonly thousands: string | undefined
}

/**
 * How numbers are written in a file.
 *
 * `1,234` alone is a decimal comma as well as thousands: other values decide, or the delimiter
 * (`;` separates cells where a comma is in the numbers); otherwise nothing does. `1.234` is a
 * fraction, but as likely thousands between semicolons beside the date 15.01.2024.
 *
 * @throws TwoAnswersError where nothing decides.
 */
export function findNumberStyle(given: NumberTexts): {
  readonly style: NumberStyle
  readonly evidence: Evidence
} {
  const { decimal, thousands } = given
  if (decimal !== undefined) {
    const style = { decimal, thousands: thousands ?? '' }
    return { style, evidence: { field: 'decimal', value: decimal, why: 'set' } }
  }
  const votes = countVotes(given.texts)
  const spaced = spacedThousands(given.texts)
  const found = (value: '.' | ',', why: string, separator = thousands ?? spaced) => {
    const also = separator === '' ? '' : `; "${separator}" is of thousands`
    return {
      style: { decimal: value, thousands: separator },
      evidence: { field: 'decimal', value, why: `${why}${also}` },
    }
  }
  const { point, comma, group } = votes
  // Beside numbers with a decimal sign, the other sign between three digits is of thousands.
  const thousandsOf = (vote: Vote, other: string) =>
    thousands ?? (vote.thousands || (group?.includes(other) ? other : spaced))
  if (point && comma) {
    const style = point.count >= comma.count ? ('.' as const) : (',' as const)
    return found(style, `"${(style === '.' ? point : comma).example}" is written so`)
  }
  if (point) return found('.', `"${point.example}" is written so`, thousandsOf(point, ','))
  if (comma) return found(',', `"${comma.example}" is written so`, thousandsOf(comma, '.'))
  // A program writes as many decimals each time: beside 987 it would have written 1.234 as 1234.
  if (group && votes.whole !== null) {
    throw new TwoAnswersError({
      ...{ field: 'decimal, and thousands', left: 'a fraction', right: 'thousands' },
      example: `"${group}", beside "${votes.whole}",`,
    })
  }
  if (group?.includes(',') && given.delimiter === ';') {
    return found(',', `cells are separated by ;, so the comma of "${group}" is free`)
  }
  const isGerman = given.delimiter === ';' && dotDated.test(given.stamp)
  if (group?.includes(',') || (group && isGerman)) {
    const [sign, other] = group.includes(',') ? [',', '.'] : ['.', ',']
    throw new TwoAnswersError({
      field: `decimal, to "${sign}" for a fraction or "${other}" for thousands`,
      left: group.includes(',') ? 'decimal comma' : 'decimal point',
      right: 'thousands',
      example: `"${group}"`,
    })
  }
  return found('.', group ? `"${group}" is written so` : 'no value has a fraction')
}

const dotDated = /^\d{1,2}\.\d{1,2}\.\d{2,4}(\D|$)/

/** A blank or an apostrophe between three digits is of thousands, whatever else is there. */
function spacedThousands(texts: readonly string[]): string {
  const text = texts.find((each) => /^[+-]?[1-9]\d{0,2}(?:[\s'\u2019]\d{3})+$/.test(each.trim()))
  if (text === undefined) return ''
  return /['\u2019]/.test(text) ? "'" : ' '
}

/** The exact value, or null where the text is no number of this style. */
export function readNumber(text: string, { decimal, thousands }: NumberStyle): Decimal | null {
  const plain = text
    .replace(/[\u00a0\u202f]/g, ' ')
    .replace(/\u2019/g, "'")
    .replace('\u2212', '-')
  const joined = thousands === '' ? plain : joinGroups(plain, thousands)
  if (joined === null) return null
  if (decimal === '.') return parseDecimal(joined)
  return joined.includes('.') ? null : parseDecimal(joined.replace(',', '.'))
}

type Vote = { readonly example: string; thousands: string; count: number }
type Votes = {
  point: Vote | null
  comma: Vote | null
  group: string | null
  /** A number below a thousand without any sign. */
  whole: string | null
}

function countVotes(texts: readonly string[]): Votes {
  const votes: Votes = { point: null, comma: null, group: null, whole: null }
  for (const text of texts) {
    if (/^[+-]?[1-9]\d{0,2}$/.test(text.trim())) votes.whole ??= text.trim()
    const vote = voteOf(text.trim())
    if (vote === null) continue
    if (vote.sign === 'group') {
      if (votes.group === null || (vote.thousands === ',' && !votes.group.includes(','))) {
        votes.group = text.trim()
      }
      continue
    }
    const before = votes[vote.sign]
    if (before) {
      before.count += 1
      before.thousands ||= vote.thousands
    } else {
      votes[vote.sign] = { example: text.trim(), thousands: vote.thousands, count: 1 }
    }
  }
  return votes
}

type Cast = { readonly sign: 'point' | 'comma' | 'group'; readonly thousands: string }

/** What one text says by itself about the decimal sign. */
function voteOf(text: string): Cast | null {
  const match = /^[+-]?(\d[\d.,' ]*|[.,]\d+)(?:[eE][+-]?\d+)?$/.exec(
    text.replace(/[\u00a0\u202f]/g, ' '),
  )
  const digits = match?.[1]
  if (digits === undefined) return null
  const signs = digits.match(/[.,' ]/g) ?? []
  const last = signs.at(-1)
  if (last === undefined) return null
  const name = { '.': 'point', ',': 'comma' } as const
  const distinct = new Set(signs)
  if (last !== '.' && last !== ',') return null
  if (distinct.size === 2) {
    const [thousands = ''] = [...distinct].filter((each) => each !== last)
    return { sign: name[last], thousands }
  }
  const other = last === '.' ? 'comma' : 'point'
  // Several of one sign are thousands, so the decimal sign is the other one.
  if (signs.length > 1) return { sign: other, thousands: last }
  const [whole = '', fraction = ''] = digits.split(last)
  const isGroup = /^[1-9]\d{0,2}$/.test(whole) && /^\d{3}$/.test(fraction)
  return isGroup ? { sign: 'group', thousands: last } : { sign: name[last], thousands: '' }
}

/** Without the separators of thousands; null where one is not between digits, or behind a 0. */
function joinGroups(text: string, thousands: string): string | null {
  if (!text.includes(thousands)) return text
  const sign = thousands.replace(/[.]/, '\\.')
  const pattern = new RegExp(`^[+-]?[1-9]\\d{0,2}(?:${sign}\\d{3})+(?![\\d${sign}])`)
  return pattern.test(text) ? text.replaceAll(thousands, '') : null
}
