import {
  TooManyReadingsError,
  ViewParameterError,
  ViewWantsEventError,
} from '../../../schemas/errors/view.ts'
import { type EpochMs, isoUtc, type TimeRange } from '../../../schemas/time.ts'
import { cutRows } from '../../merge/cutRows.ts'
import { isOpenSum } from '../../merge/isOpenSum.ts'
import { parseRange } from '../../merge/parseRange.ts'
import { type CellRow, type StoredRow, toCells } from '../../merge/toCells.ts'
import type { CatalogueView } from '../../merge/viewCatalogue.ts'
import type { viewParameters } from '../../shapes/views.ts'
import type { ApiContext } from './apiPorts.ts'
import { inTurns, mapPieces } from './inPieces.ts'
import { queryView } from './queryView.ts'

export type ViewParameter = (typeof viewParameters)[number]
export type ViewQuestion = Readonly<Partial<Record<ViewParameter, string | undefined>>> & {
  readonly limit: number
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
const rangeDaysMax = 400

/**
 * Rows of a named view; without the token no sums over few meters are shown.
 *
 * @throws InvalidArgumentError for a parameter the view does not take, or a range too long for one
 * answer.
 */
export async function readView(
  api: ApiContext,
  view: CatalogueView,
  asked: { readonly question: ViewQuestion; readonly isTrusted: boolean },
): Promise<ReadViewReturnType> {
  const { question, isTrusted } = asked
  checkParameters(view, question)
  const range = rangeOf(api, view, asked)
  const { openRowsMax, rowsMax } = api.limits
  const limit = isTrusted ? question.limit : Math.min(question.limit, openRowsMax)
  const page = await readPage(api, view, { question: { ...question, limit }, range })
  const isStuck = page.isTruncated && page.next === null && view.order === 'ascending'
  const isWhole = isStuck && limit < question.limit && page.startMs !== null
  const { rows, ...read } = isWhole
    ? await readInstant(api, view, { question: { ...question, limit: rowsMax }, range, page })
    : page
  return { ...read, rows: isTrusted ? rows : openPart(view, rows), range }
}

type Page = Omit<ReadViewReturnType, 'range'> & { readonly startMs: EpochMs | null }

async function readPage(
  api: ApiContext,
  view: CatalogueView,
  { question, range }: { readonly question: ViewQuestion; readonly range: TimeRange | null },
): Promise<Page> {
  const found = await queryRows(api, view, { question, range })
  const named = await inTurns(mapPieces(found, (row) => toCells(view.columns, row)))
  const risingBy = view.order === 'ascending' && range ? 'start' : null
  const cut = cutRows({ rows: named.flat(), limit: question.limit, risingBy })
  const startMs = found.length > 0 ? Number(found[0]!.start_ms) : null
  return { ...cut, rowsRead: found.length, startMs }
}

/**
 * An instant with more rows than strangers get in one page comes whole, since `next` could not
 * continue within it.
 */
async function readInstant(
  api: ApiContext,
  view: CatalogueView,
  asked: { readonly question: ViewQuestion; readonly range: TimeRange | null; readonly page: Page },
): Promise<Page> {
  const startMs = asked.page.startMs!
  const range = { startMs, endMs: startMs + 1 }
  const whole = await readPage(api, view, { question: asked.question, range })
  const rowsRead = asked.page.rowsRead + whole.rowsRead
  return { ...whole, rowsRead, isTruncated: true, next: isoUtc(range.endMs) }
}

function openPart({ columns }: CatalogueView, rows: readonly CellRow[]): CellRow[] {
  const hidden = columns.filter((each) => each.isPrivate).map(({ name }) => [name, null] as const)
  const blank = Object.fromEntries(hidden)
  return rows
    .filter(({ members }) => members === undefined || isOpenSum(Number(members)))
    .map((row) => ({ ...row, ...blank }))
}

function checkParameters(view: CatalogueView, question: ViewQuestion): void {
  const { limit: _, ...given } = question
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || view.parameters.includes(name as ViewParameter)) continue
    const taken = [...view.parameters, 'limit', 'format']
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

async function queryRows(
  api: ApiContext,
  view: CatalogueView,
  { question, range }: { question: ViewQuestion; range: TimeRange | null },
): Promise<readonly StoredRow[]> {
  if (view.name === 'readings') return readReadings(api, question, range!)
  const { views } = api
  // One more than shown, to see whether there are more.
  const limit = question.limit + 1
  const { meter = '', group = '', event = '', period: settlementNumber = '0' } = question
  if (view.name === 'settlement_lines' && event === '') {
    throw new ViewWantsEventError({ view: view.name })
  }
  return queryView(views, view.query, {
    ...(range && { from_ms: range.startMs, to_ms: range.endMs }),
    ...{ meter, group, event, period: Number(settlementNumber), limit },
  })
}

/**
 * The master data set. Its query reads every version of every interval in the range, whatever the
 * limit, so too large a range is refused first.
 */
async function readReadings(
  { views, limits }: ApiContext,
  question: ViewQuestion,
  range: TimeRange,
): Promise<readonly StoredRow[]> {
  const enrolled = await views.query('meters')
  const { meter, group } = question
  const chosen = enrolled.filter(
    (each) =>
      (meter === undefined || each.meter === meter) &&
      (group === undefined || each.groups.some((one) => one.group === group)),
  )
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
  const rows = await views.query('counting_readings', {
    meters: chosen.map((each) => each.meter),
    from_ms: range.startMs,
    to_ms: range.endMs,
  })
  rows.sort((left, right) => left.start_ms - right.start_ms || (left.meter < right.meter ? -1 : 1))
  return rows.slice(0, question.limit + 1)
}
