import { chunk } from '../../../schemas/chunk.ts'
import {
  TooManyReadingsError,
  ViewParameterError,
  ViewWantsEventError,
} from '../../../schemas/errors/view.ts'
import { findById } from '../../../schemas/meter/byId.ts'
import type { Meter } from '../../../schemas/meter/meter.ts'
import { readEnrolled } from '../../../schemas/ports/enrolled.ts'
import { readPublished } from '../../../schemas/ports/readPublished.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import type { RowOf } from '../../../schemas/sql/catalogue/catalogue.ts'
import { cutPage, readPage } from '../../../schemas/sql/catalogue/paging.ts'
import { isoUtc, type TimeRange } from '../../../schemas/time.ts'
import { isOpenSum } from '../../merge/isOpenSum.ts'
import { parseRange } from '../../merge/parseRange.ts'
import { type CellRow, type StoredRow, toCells } from '../../merge/toCells.ts'
import type { CatalogueView } from '../../merge/viewCatalogue.ts'
import type { viewParameters } from '../../shapes/views.ts'
import type { ApiContext } from './apiPorts.ts'
import { inTurns, mapPieces } from './inPieces.ts'
import { queryView } from './queryView.ts'
import { readAsOf } from './readAsOf.ts'
import { readInTime } from './readInTime.ts'

export type ViewParameter = (typeof viewParameters)[number]
export type ViewQuestion = Readonly<Partial<Record<ViewParameter, string | undefined>>> & {
  readonly limit: number
  /** `next` of the page before. */
  readonly page?: string | undefined
}

export type ReadViewReturnType = {
  readonly range: TimeRange | null
  readonly rows: readonly CellRow[]
  readonly isTruncated: boolean
  readonly next: string | null
  /** Rows that the store was asked for. */
  readonly rowsRead: number
}

const hourMs = 3_600_000
/** Names are part of the URL, whose length servers limit. */
const metersAtOnce = 1_000
const rangeDaysMax = 400

/**
 * Rows of a named view; without the token no sums over few meters are shown.
 *
 * @throws InvalidArgumentError for a parameter the view does not take, a range too long for one
 * answer, or an `asOf` that the archive has not read.
 */
export async function readView(
  api: ApiContext,
  view: CatalogueView,
  asked: { readonly question: ViewQuestion; readonly isTrusted: boolean },
): Promise<ReadViewReturnType> {
  const { question, isTrusted } = asked
  checkParameters(view, question)
  const range = rangeOf(api, view, asked)
  const limit = isTrusted ? question.limit : Math.min(question.limit, api.limits.openRowsMax)
  const at = question.page === undefined ? {} : readPage(view.query, question.page)
  const within = range && {
    startMs: Math.max(range.startMs, at.from_ms ?? range.startMs),
    endMs: Math.min(range.endMs, at.to_ms ?? range.endMs),
  }
  const asking = { question: { ...question, limit }, range: within, after: at.after ?? '' }
  const found = await queryRows(api, view, asking)
  const { count, ...cut } = cutPage(view.query, { rows: found, limit })
  const named = await inTurns(mapPieces(found.slice(0, count), (row) => toCells(view.columns, row)))
  const rows = isTrusted ? named.flat() : openPart(view, named.flat())
  return { ...cut, rows, range: within, rowsRead: found.length }
}

function openPart({ columns }: CatalogueView, rows: readonly CellRow[]): CellRow[] {
  const hidden = columns.filter((each) => each.isPrivate).map(({ name }) => [name, null] as const)
  const blank = Object.fromEntries(hidden)
  return rows
    .filter(({ members }) => members === undefined || isOpenSum(Number(members)))
    .map((row) => ({ ...row, ...blank }))
}

function checkParameters(view: CatalogueView, question: ViewQuestion): void {
  const { limit: _, page: __, ...given } = question
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || view.parameters.includes(name as ViewParameter)) continue
    const taken = [...view.parameters, 'page', 'limit', 'format']
    throw new ViewParameterError({ view: view.name, taken, name })
  }
}

function rangeOf(
  api: ApiContext,
  view: CatalogueView,
  { question, isTrusted }: { readonly question: ViewQuestion; readonly isTrusted: boolean },
): TimeRange | null {
  if (view.hours === null) return null
  const nowMs = api.clock.nowMs()
  const { back, ahead } = view.hours
  const usual = { startMs: nowMs - back * hourMs, endMs: nowMs + ahead * hourMs }
  const usualDays = Math.ceil((back + ahead) / 24)
  const daysMax = isTrusted ? rangeDaysMax : Math.max(api.limits.openRangeDaysMax, usualDays)
  return parseRange({ from: question.from, to: question.to, default: usual, daysMax })
}

type Asking = {
  readonly question: ViewQuestion
  readonly range: TimeRange | null
  /** Key of the last row of the page before; '' without one. */
  readonly after: string
}

async function queryRows(
  api: ApiContext,
  view: CatalogueView,
  { question, range, after }: Asking,
): Promise<readonly StoredRow[]> {
  if (view.name === 'readings') return readReadings(api, question, { ...range!, after })
  const { views } = api
  // One more than shown, to see whether there are more.
  const limit = question.limit + 1
  const { meter = '', group = '', event = '', period: settlementNumber = '0' } = question
  if (view.name === 'settlement_lines' && event === '') {
    throw new ViewWantsEventError({ view: view.name })
  }
  if (range && meter === '' && (view.name === 'deviation' || view.name === 'exceptions')) {
    return readOfFleet(views, view, { question: { ...question, limit }, range, after })
  }
  return queryView(views, view.query, {
    ...(range && { from_ms: range.startMs, to_ms: range.endMs }),
    ...{ meter, group, event, period: Number(settlementNumber), limit, after },
  })
}

/** Rows of many meters by time, of one generation. */
async function readOfFleet(
  views: Views,
  view: CatalogueView,
  { question, range, after }: Asking & { readonly range: TimeRange },
): Promise<readonly StoredRow[]> {
  const [enrolled, published] = await Promise.all([readEnrolled(views), readPublished(views)])
  const pin = { run: published?.run ?? 0n, high_water_ms: published?.highWaterMs ?? 0 }
  const rowsAnHour = enrolled.reduce((sum, { intervalS }) => sum + 3_600 / intervalS, 0)
  const order = view.order === 'ascending' ? 'rising' : 'falling'
  const { limit, group = '' } = question
  return readInTime({ range, order, limit, after, rowsAnHour }, (part) => {
    const bounds = { from_ms: part.range.startMs, to_ms: part.range.endMs }
    const { limit, after } = part
    return queryView(views, view.query, { ...bounds, group, pin, limit, after })
  })
}

/**
 * The master data set. Its query reads every version of every interval in the range, whatever the
 * limit, so too large a range is refused first.
 */
async function readReadings(
  api: ApiContext,
  question: ViewQuestion,
  { after, ...range }: TimeRange & Pick<Asking, 'after'>,
): Promise<readonly StoredRow[]> {
  const { views, limits } = api
  const [enrolled, as_of] = await Promise.all([
    readEnrolled(views),
    // Refused also where there is nothing to answer.
    readAsOf(api, question.asOf),
  ])
  const { meter, group } = question
  const chosen = chosenOf(enrolled, { meter, group })
  const seconds = (range.endMs - range.startMs) / 1000
  const expected = chosen.reduce((sum, each) => sum + seconds / each.intervalS, 0)
  if (expected > limits.readingsMax) {
    throw new TooManyReadingsError({
      from: isoUtc(range.startMs),
      to: isoUtc(range.endMs),
      meters: chosen.length,
      readings: Math.round(expected),
      readingsMax: limits.readingsMax,
    })
  }
  if (chosen.length === 0) return []
  const rows: RowOf<'counting_readings'>[] = []
  // None named are all, of which nobody may have enrolled some.
  for (const meters of chosen === enrolled ? [[]] : chunk(chosen, metersAtOnce)) {
    const bounds = { from_ms: range.startMs, to_ms: range.endMs, as_of }
    const named = meters.map((each) => each.meter)
    for (const row of await views.query('counting_readings', { ...bounds, meters: named })) {
      if (findById(chosen, row.meter)) rows.push(row)
    }
  }
  rows.sort((left, right) => left.start_ms - right.start_ms || (left.meter < right.meter ? -1 : 1))
  const isLater = (row: (typeof rows)[number]) => row.start_ms > range.startMs || row.meter > after
  return (after === '' ? rows : rows.filter(isLater)).slice(0, question.limit + 1)
}

/** By id; all of them, the same array, where neither is said. */
function chosenOf(
  enrolled: readonly Meter[],
  { meter, group }: Pick<ViewQuestion, 'meter' | 'group'>,
): readonly Meter[] {
  if (meter === undefined && group === undefined) return enrolled
  const one = meter === undefined ? undefined : findById(enrolled, meter)
  const among = meter === undefined ? enrolled : one ? [one] : []
  if (group === undefined) return among
  return among.filter((each) => each.groups.some((own) => own.group === group))
}
