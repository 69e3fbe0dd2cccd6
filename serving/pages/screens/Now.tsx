import type { Event, EventDeviations } from '../../shapes/events.ts'
import type { Model } from '../../shapes/status.ts'
import type { DeviationRow, Forecasts, GroupRow } from '../../shapes/views.ts'
import { useInstallation } from '../data/installation.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { PageHead } from '../parts/PageHead.tsx'
import { Picture } from '../parts/Picture.tsx'
import { Empty, Failure, Loading } from '../parts/States.tsx'
import { Headline } from '../parts/Values.tsx'
import { dayAround } from '../view/dayAround.ts'
import { type EventList, isRunning } from '../view/eventPage.ts'
import { clockTime, decimal, kwh, percent } from '../view/format.ts'
import { behindShare, describeSum, onPlanShare, planHeadline } from '../view/headline.ts'
import { errorOfSumWh, type Portfolio, portfolioPicture, sumGroups } from '../view/portfolio.ts'
import { hrefOf, type ViewRange } from '../view/route.ts'
import { Exceptions } from './NowExceptions.tsx'
import { GroupTable } from './NowGroups.tsx'

type Rows<T> = { readonly rows: readonly T[] }

/** Are we on plan? */
export function Now() {
  const { nowMs, zone, isTrusted } = useInstallation()
  const range = useShownRange()
  const asked = range && `from=${iso(range.fromMs)}&to=${iso(range.toMs)}`
  const groups = useResource<Rows<GroupRow>>(asked && `/views/group?${asked}&limit=20000`, [
    'deviations',
  ])
  const exceptions = useResource<Rows<DeviationRow>>(
    asked && isTrusted ? `/views/exceptions?${asked}&limit=2000` : null,
    ['exceptions'],
  )
  if (groups.error && !groups.data) {
    return <Failure error={groups.error} retry={groups.refresh} />
  }
  const rows = groups.data?.rows ?? []
  return (
    <>
      <PageHead title="Now" about="Are we on plan?" />
      <div class="grid">
        <section class="card" aria-label="Portfolio">
          {groups.data && range && nowMs !== null ? (
            <PortfolioPart rows={rows} range={range} />
          ) : (
            <Loading tall />
          )}
        </section>
        <section class="card span-7">
          <h2>Groups, most urgent first</h2>
          <GroupTable rows={rows} exceptions={exceptions.data?.rows ?? []} zone={zone} />
        </section>
        <section class="card span-5">
          <h2>Exceptions</h2>
          <Exceptions resource={exceptions} />
        </section>
      </div>
    </>
  )
}

/** The range in the address, else the day around now. */
function useShownRange(): ViewRange | null {
  const { nowMs, zone, route } = useInstallation()
  if (nowMs === null) return null
  const day = dayAround(nowMs, zone)
  const { range } = route
  if (!range || (range.fromMs >= day.fromMs && range.toMs <= day.toMs)) return day
  return range
}

function PortfolioPart({ rows, range }: { rows: readonly GroupRow[]; range: ViewRange }) {
  const { nowMs, zone } = useInstallation()
  const events = useResource<EventList>('/events', ['events']).data?.events ?? []
  const near = events.filter((each) => isNear(each, range))
  const running = near.find((each) => isRunning(each, nowMs ?? 0)) ?? null
  const shown = running ?? near[0] ?? null
  const deviations = useResource<EventDeviations>(shown && `/events/${shown.id}/deviations`, [
    'deviations',
    'events',
  ]).data
  const forecast = useResource<Forecasts>(
    `/forecasts?from=${iso(range.fromMs)}&horizon=48`,
    [],
    30_000,
  ).data
  const models = useResource<{ models: readonly Model[] }>('/models', [], 60_000).data
  const maeWh = models?.models.find(({ isReleased }) => isReleased)?.metrics.maeWh ?? null
  const portfolio = sumGroups(rows)
  const headline = planHeadline({ portfolio, running, deviations, zone })
  if (!headline) {
    return (
      <Empty command="npx wattproof ingest readings.csv --register">
        No reading has come in these hours. Readings fill this picture:
      </Empty>
    )
  }
  const model = portfolioPicture({
    ...{ portfolio, forecast, maeWh, deviations, range },
    ...{ events: near, nowMs: nowMs ?? 0 },
  })
  return (
    <div class="hero">
      <div>
        <Headline headline={headline} />
        <NextEvent events={events} />
        <Explain>
          <PlanFormula portfolio={portfolio} deviations={running && deviations} maeWh={maeWh} />
        </Explain>
      </div>
      <Picture name="Load of the portfolio against its baseline" model={model} zone={zone}>
        {describeSum(portfolio)} by interval, {zone} time. {describeFilling(portfolio, zone)}
      </Picture>
    </div>
  )
}

function describeFilling({ filling, members }: Portfolio, zone: string): string {
  if (!filling) return ''
  const at = clockTime(filling.startMs, zone)
  return `${at} is still filling: ${filling.members} of ${members} sites have reported.`
}

function NextEvent({ events }: { events: readonly Event[] }) {
  const { nowMs, zone } = useInstallation()
  const byStart = [...events].sort((left, right) => (left.start < right.start ? -1 : 1))
  const next = byStart.find((each) => Date.parse(each.end) > (nowMs ?? 0))
  const last = byStart.findLast((each) => each.deliveredMwh !== null)
  if (next) {
    const word = isRunning(next, nowMs ?? 0) ? 'Running' : 'Next'
    return (
      <p class="note">
        {word}: <a href={hrefOf({ page: 'event', id: next.id })}>{next.id}</a>,{' '}
        {clockTime(next.start, zone, true)} to {clockTime(next.end, zone)}.
      </p>
    )
  }
  if (!last) return <p class="note">No event is announced.</p>
  const share = last.orderedMwh ? (last.deliveredMwh ?? 0) / last.orderedMwh : null
  return (
    <p class="note">
      Last event: <a href={hrefOf({ page: 'event', id: last.id })}>{last.id}</a>,{' '}
      {kwh(last.deliveredMwh)} delivered, {percent(share)} of the order.
    </p>
  )
}

function PlanFormula(props: {
  portfolio: Portfolio
  deviations: EventDeviations | null
  maeWh: number | null
}) {
  const { portfolio, maeWh } = props
  const { members } = portfolio
  const fan = maeWh === null ? null : errorOfSumWh(maeWh, members)
  return (
    <>
      <p>
        <b>Load and baseline</b> are mean power, summed over meters with both a reading and a
        baseline. The baseline is the mean of similar recent days, adjusted by what each meter used
        earlier the same day (between 0.8 and 1.2 times).
      </p>
      <p>
        <b>On plan</b> is {percent(onPlanShare)} of what is ordered or more; behind it from{' '}
        {percent(behindShare)}. Delivered is what each meter used less than its committed baseline,
        up to its order.
      </p>
      {fan !== null && (
        <p>
          <b>The fan</b> is once and twice the model’s mean error on its test days, if meters err
          independently: {decimal(maeWh ?? 0, 1)} Wh × √{members} = {decimal(fan, 0)} Wh an
          interval.
        </p>
      )}
      <p>Lighter lines are live and provisional until recomputed by the batch layer.</p>
    </>
  )
}

function isNear(event: Event, range: ViewRange): boolean {
  return Date.parse(event.end) > range.fromMs && Date.parse(event.start) < range.toMs
}

function iso(ms: number): string {
  return encodeURIComponent(new Date(ms).toISOString())
}
