import { type Refusal, refuse } from '../refusal.ts'

/** A channel of a meter, by record 200. */
export type Channel = {
  readonly nmi: string
  readonly suffix: string
  readonly unit: string
  readonly lengthMin: number
  /** Direction of active energy: E is delivered by the grid, B by the customer. */
  readonly flow: string
}

/** Null where a field is missing or impossible. */
export function readChannel(cells: readonly string[]): Channel | null {
  const [, nmi = '', , , suffix = '', , , unit = '', length = ''] = cells
  const lengthMin = Number(length)
  const isWhole = nmi !== '' && suffix !== '' && unit !== '' && [5, 15, 30].includes(lengthMin)
  return isWhole ? { nmi, suffix, unit, lengthMin, flow: flowOf(suffix) } : null
}

function flowOf(suffix: string): string {
  if (/^E/.test(suffix)) return 'import'
  return /^B/.test(suffix) ? 'export' : ''
}

/** A day of a channel, by record 300. */
export type Day = {
  readonly channel: Channel
  /** `2024-01-31`. */
  readonly date: string
  readonly values: readonly string[]
  /** First letter of its quality method; V where records 400 have it by part of the day. */
  readonly quality: string
  /** When the values were updated, in market time; empty where it is not said. */
  readonly saidAt: string
}

export function readDay(cells: readonly string[], channel: Channel): Day | Refusal {
  const count = (24 * 60) / channel.lengthMin
  const date = readDate(cells[1] ?? '')
  if (date === null) return refuse('nem12-date', { text: cells[1] ?? '' })
  const quality = cells[count + 2] ?? ''
  // A day of another length would put its quality among its values, or a value for its quality.
  if (!/^[AEFNSV]\d{0,2}$/.test(quality)) {
    return refuse('nem12-day', { lengthMin: channel.lengthMin, count })
  }
  const values = cells.slice(2, count + 2)
  const saidAt = readStamp(cells[count + 5] ?? '')
  return { channel, date, values, quality: quality.slice(0, 1), saidAt }
}

/** Intervals of a day, from 1, with a quality of their own: record 400. */
export type Spell = { readonly first: number; readonly last: number; readonly quality: string }

export function spellOf(cells: readonly string[]): Spell | null {
  const [, first = '', last = '', quality = ''] = cells
  const isWhole = /^\d{1,3}$/.test(first) && /^\d{1,3}$/.test(last) && /^[AEFNS]/.test(quality)
  return isWhole ? { first: Number(first), last: Number(last), quality: quality.slice(0, 1) } : null
}

function readDate(text: string): string | null {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? []
  if (day === undefined) return null
  const date = `${year}-${month}-${day}`
  // February 30 is another day to Date.
  return new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) === date ? date : null
}

function readStamp(text: string): string {
  const [, date = '', hour, minute, second = '00'] =
    /^(\d{8})(\d{2})(\d{2})(\d{2})?$/.exec(text) ?? []
  const day = readDate(date)
  return day === null ? '' : `${day}T${hour}:${minute}:${second}+10:00`
}
