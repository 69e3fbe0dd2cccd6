import { localDayAt } from '../../../schemas/localDay.ts'
import type { Event } from '../../shapes/events.ts'
import type { SettlementBody } from '../../shapes/settlement.ts'
import type { DeviationRow, Forecasts, Groups } from '../../shapes/views.ts'
import { useInstallation } from '../data/installation.ts'
import { useEvents } from '../data/useEvents.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { PageHead } from '../parts/PageHead.tsx'
import { Picture } from '../parts/Picture.tsx'
import { Empty, Loading, Shown } from '../parts/States.tsx'
import { TokenForm } from '../parts/TokenForm.tsx'
import { dayAround } from '../view/dayAround.ts'
import { clockTime, kwh, splitUnit } from '../view/format.ts'
import {
  describeFlows,
  type HomeDay,
  homePicture,
  invitationsFor,
  isMember,
  settledEventsOf,
  usedSince,
} from '../view/homePage.ts'
import { hrefOf } from '../view/route.ts'
import { HomeEarned, HomeMoney } from './HomeMoney.tsx'
import { HomeReadings } from './HomeReadings.tsx'

/** What did today use, and what did the last event earn? */
export function Home() {
  const { isTrusted, groups, route } = useInstallation()
  const { list } = useEvents()
  if (!isTrusted) {
    return (
      <>
        <PageHead title="Home" about="What did you use, and what did you earn?" />
        <section class="card">
          <TokenForm why="A home is private, so this page needs the token." />
        </section>
      </>
    )
  }
  const events = list.data?.events ?? []
  const meters = [...new Set(groups.flatMap((each) => each.meters ?? []))]
  // A group with accounts takes part in events: its homes have most to show.
  const payees = groups.toSorted((left, right) => right.accounts - left.accounts)
  const meter = route.id ?? payees[0]?.meters?.[0] ?? null
  return (
    <>
      <PageHead title="Home" about="What did you use, and what did you earn?">
        <MeterPicker meters={meters} chosen={meter} />
      </PageHead>
      {meter ? (
        <HomeParts key={meter} meter={meter} events={events} />
      ) : (
        <section class="card">
          <Empty command="npx wattproof ingest readings.csv --register">
            No meter is enrolled. Readings of new meters enrol them:
          </Empty>
        </section>
      )}
    </>
  )
}

function MeterPicker({ meters, chosen }: { meters: readonly string[]; chosen: string | null }) {
  return (
    <label class="picker">
      Home
      <select
        value={chosen ?? ''}
        onChange={(event) => {
          location.hash = hrefOf({ page: 'home', id: event.currentTarget.value })
        }}
      >
        {[...meters].sort().map((meter) => (
          <option key={meter} value={meter}>
            {meter}
          </option>
        ))}
      </select>
    </label>
  )
}

function HomeParts({ meter, events }: { meter: string; events: readonly Event[] }) {
  const settled = settledEventsOf(meter, events)
  const newest = useResource<SettlementBody>(
    settled[0] ? `/events/${settled[0].id}/settlement` : null,
    ['events'],
  )
  return (
    <div class="grid">
      <section class="card" aria-label="Today">
        <Today meter={meter} events={events} />
      </section>
      <section class="card span-7">
        <h2>What you earned</h2>
        <HomeEarned meter={meter} settled={settled} />
      </section>
      <div class="stack span-5">
        <section class="card">
          <h2>Your next events</h2>
          <Invitations meter={meter} events={events} />
        </section>
        <section class="card">
          <h2>Money and stake</h2>
          {settled.length === 0 ? (
            <p class="quiet">No settlement has a line for this home yet.</p>
          ) : (
            <Shown resource={newest}>
              {(body) => <HomeMoney meter={meter} settlement={body} />}
            </Shown>
          )}
        </section>
      </div>
    </div>
  )
}

function Today({ meter, events }: { meter: string; events: readonly Event[] }) {
  const { nowMs, groups, zone: usual, route } = useInstallation()
  const zone = zoneOf(meter, groups) ?? usual
  const day = nowMs === null ? null : dayAround(nowMs, zone)
  const range = day && route.range && !contains(day, route.range) ? route.range : day
  const asked =
    range && `from=${iso(range.fromMs)}&to=${iso(range.toMs)}&meter=${encodeURIComponent(meter)}`
  const rows = useResource<{ rows: readonly DeviationRow[] }>(
    asked && `/views/deviation?${asked}&limit=20000`,
    ['deviations'],
  )
  const forecast = useResource<Forecasts>(
    range && `/forecasts?meter=${encodeURIComponent(meter)}&from=${iso(range.fromMs)}&horizon=48`,
    [],
    30_000,
  ).data
  if (!range || nowMs === null) return <Loading tall />
  return (
    <Shown resource={rows} tall>
      {(data) => {
        const near = events.filter((each) => isMember(each, meter) && overlaps(each, range))
        const picture = homePicture({ rows: data.rows, forecast, events: near, nowMs, range })
        return (
          <>
            <div class="hero">
              <TodayWords rows={data.rows} nowMs={nowMs} zone={zone} />
              <Picture name="What this home used, against its usual" model={picture} zone={zone}>
                Mean power by interval, {zone} time. Appliances are shown once they are known for
                this home.
              </Picture>
            </div>
            <HomeReadings meter={meter} range={range} zone={zone} />
          </>
        )
      }}
    </Shown>
  )
}

/** Homes of one installation may be in several zones. */
function zoneOf(meter: string, groups: Groups['groups']): string | null {
  return groups.find(({ meters }) => meters?.includes(meter))?.zone.split(',')[0] ?? null
}

function TodayWords(props: { rows: readonly DeviationRow[]; nowMs: number; zone: string }) {
  const { rows, nowMs, zone } = props
  const todayMs = localDayAt(nowMs, zone).startMs
  const today = usedSince(rows, todayMs)
  const [figure, unit] = splitUnit(kwh(Math.abs(today.usedMwh)))
  if (today.intervals === 0) {
    return (
      <div class="headline">
        <p class="verdict quiet">Today</p>
        <p class="answer">Today’s first reading has not arrived yet.</p>
      </div>
    )
  }
  const last = rows.at(-1)!
  const until = Date.parse(last.start) + last.durationS * 1000
  return (
    <div>
      <div class="headline">
        <p class="verdict quiet">{today.usedMwh < 0 ? 'Fed in today, on balance' : 'Used today'}</p>
        <p class="figure">
          {figure} <small>{unit}</small>
        </p>
        <p class="answer">
          {describeFlows(today)} {against(today)} Until {clockTime(until, zone)}.
        </p>
      </div>
      <Explain>
        <p>
          <b>Used</b> is the sum of {today.intervals} readings since midnight: {kwh(today.usedMwh)}
          {today.fedInMwh > 0 && '; what is fed in counts below zero'}.
        </p>
        {today.usualMwh !== null && (
          <p>
            <b>Usual</b> is the mean of similar recent days at the same times: {kwh(today.usualMwh)}
            . {kwh(today.usedMwh)} − {kwh(today.usualMwh)} = {kwh(today.usedMwh - today.usualMwh)}.
          </p>
        )}
        <p>In the chart it is also adjusted to what you used earlier the same day.</p>
      </Explain>
    </div>
  )
}

function against({ usedMwh, usualMwh }: HomeDay): string {
  if (usualMwh === null) return 'Your usual use is known after some weeks of readings.'
  const less = usualMwh - usedMwh
  if (Math.abs(less) < 0.01 * Math.abs(usualMwh)) return 'As much as usual.'
  return `${kwh(Math.abs(less))} ${less > 0 ? 'less' : 'more'} than usual.`
}

function Invitations({ meter, events }: { meter: string; events: readonly Event[] }) {
  const { nowMs } = useInstallation()
  const invitations = invitationsFor(meter, events, nowMs ?? 0)
  if (invitations.length === 0) return <p class="quiet">No upcoming events.</p>
  return (
    <ul class="list">
      {invitations.map((event) => (
        <li key={event.id}>
          <span>
            Use less on {clockTime(event.start, event.zone, true)} to{' '}
            {clockTime(event.end, event.zone)}: {event.terms.orderPpm / 10_000} % below your usual.
          </span>
          <a class="end" href={hrefOf({ page: 'event', id: event.id })}>
            More
          </a>
        </li>
      ))}
    </ul>
  )
}

function overlaps(event: Event, range: { fromMs: number; toMs: number }): boolean {
  return Date.parse(event.end) > range.fromMs && Date.parse(event.start) < range.toMs
}

function contains(
  outer: { fromMs: number; toMs: number },
  inner: { fromMs: number; toMs: number },
): boolean {
  return inner.fromMs >= outer.fromMs && inner.toMs <= outer.toMs
}

function iso(ms: number): string {
  return encodeURIComponent(new Date(ms).toISOString())
}
