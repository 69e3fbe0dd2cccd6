import type { Event as EventBody, EventDeviations, Reconciliation } from '../../shapes/events.ts'
import { useInstallation } from '../data/installation.ts'
import { useEvents } from '../data/useEvents.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { EventPicker, PageHead } from '../parts/PageHead.tsx'
import { Pairs } from '../parts/Pairs.tsx'
import { Picture } from '../parts/Picture.tsx'
import { Scroll } from '../parts/Scroll.tsx'
import { Empty, Loading, Shown } from '../parts/States.tsx'
import { Steps } from '../parts/Steps.tsx'
import { TokenForm } from '../parts/TokenForm.tsx'
import { Energy, Headline } from '../parts/Values.tsx'
import { eventPicture, stepsOf } from '../view/eventPage.ts'
import { clockTime, kwh, percent, price } from '../view/format.ts'
import { deliveryHeadline } from '../view/headline.ts'
import { hrefOf } from '../view/route.ts'
import { EventMembers } from './EventMembers.tsx'

/** How much was delivered of what was ordered? */
export function Event() {
  const { list, chosen } = useEvents()
  const events = list.data?.events ?? []
  const event = useResource<EventBody>(chosen && `/events/${chosen}`, ['events'])
  return (
    <>
      <PageHead title="Event" about="How much was delivered of what was ordered?">
        {events.length > 0 && <EventPicker page="event" events={events} chosen={chosen} />}
      </PageHead>
      {list.data && chosen === null ? (
        <section class="card">
          <Empty command="npx wattproof event create --help">
            No event has been announced. An event asks meters for less than their baseline:
          </Empty>
        </section>
      ) : (
        <Shown resource={chosen === null ? { ...list, data: null } : event} tall>
          {(body) => <EventParts event={body} />}
        </Shown>
      )}
    </>
  )
}

function EventParts({ event }: { event: EventBody }) {
  const deviations = useResource<EventDeviations>(`/events/${event.id}/deviations`, [
    'deviations',
    'events',
  ])
  const reconciliation = useResource<Reconciliation>(`/events/${event.id}/reconciliation`, [
    'events',
  ]).data
  return (
    <div class="grid">
      <section class="card" aria-label="Delivery">
        {event.isWithheld ? (
          <TokenForm why="So few meters take part that their sum needs the token." />
        ) : (
          <div class="hero">
            <Delivery event={event} deviations={deviations.data} reconciliation={reconciliation} />
            <EventPicture event={event} deviations={deviations.data} error={deviations.error} />
          </div>
        )}
      </section>
      <section class="card">
        <h2>Progress to payment</h2>
        <Steps steps={stepsOf(event)} zone={event.zone} />
        {event.warning && (
          <p class="trouble" role="status">
            {event.warning}
          </p>
        )}
        {event.isStuck && (
          <p class="trouble" role="alert">
            {event.problem ?? 'Something blocks its progress; enter the token to see what.'}
          </p>
        )}
      </section>
      {!event.isWithheld && (
        <>
          <section class="card">
            <h2>Meters, best delivery first</h2>
            <EventMembers
              event={event}
              deviations={deviations.data}
              reconciliation={reconciliation}
            />
          </section>
          <section class="card span-6">
            <h2>The same event by other methods</h2>
            <Verifications event={event} />
          </section>
        </>
      )}
      <section class={event.isWithheld ? 'card' : 'card span-6'}>
        <h2>Terms</h2>
        <Terms event={event} />
      </section>
    </div>
  )
}

function Delivery(props: {
  event: EventBody
  deviations: EventDeviations | null
  reconciliation: Reconciliation | null
}) {
  const { event, deviations, reconciliation } = props
  const headline = deliveryHeadline(event, deviations, event.zone)
  return (
    <div>
      <Headline headline={headline} />
      {event.speedDeliveredMwh !== null && (
        <Pairs
          pairs={[
            ['Live figure at the end', <Energy key="live" mwh={event.speedDeliveredMwh} />],
            ['Settled', <Energy key="settled" mwh={event.deliveredMwh} />],
            ['Difference', <Energy key="less" mwh={reconciliation?.differenceMwh ?? null} />],
          ]}
        />
      )}
      {reconciliation && <p class="note">{reconciliation.sentence}</p>}
      <Explain>
        <DeliveryFormula event={event} />
      </Explain>
      {headline.isSettled && (
        <p class="note">
          <a href={hrefOf({ page: 'settlement', id: event.id })}>What it paid, line by line</a>
        </p>
      )}
    </div>
  )
}

function DeliveryFormula({ event }: { event: EventBody }) {
  const { terms, orderedMwh, deliveredMwh, deficiencyMwh } = event
  return (
    <>
      <p>
        <b>Ordered</b> = {terms.orderPpm / 10_000} % of each meter’s baseline, committed{' '}
        {terms.commitLeadS / 60} minutes before the start
        {orderedMwh !== null && `: ${kwh(orderedMwh)} in all`}.
      </p>
      <p>
        <b>Delivered</b>, by meter and interval = baseline − use, at least 0 and at most the order
        {deliveredMwh !== null && `: ${kwh(deliveredMwh)} in all`}.
      </p>
      <p>
        <b>Missing</b> = use − (baseline − order), at least 0
        {deficiencyMwh !== null && `: ${kwh(deficiencyMwh)} in total`}. A meter that rises above its
        baseline has a shortfall larger than its order.
      </p>
      <p>One meter's delivery cannot make up for another's shortfall: each has its own line.</p>
    </>
  )
}

function EventPicture(props: {
  event: EventBody
  deviations: EventDeviations | null
  error: Error | null
}) {
  const { nowMs } = useInstallation()
  const { event, deviations, error } = props
  if (!deviations) return error ? <Empty>{error.message}</Empty> : <Loading tall />
  if (deviations.intervals.length === 0) {
    return (
      <div class="plot-empty">
        <Empty>
          The hours around the event have no readings yet; they appear here as they come.
        </Empty>
      </div>
    )
  }
  const members = Math.max(...deviations.intervals.map((each) => each.members))
  return (
    <Picture
      name="Load of the members against their baseline"
      model={eventPicture(deviations, nowMs ?? 0)}
      zone={event.zone}
    >
      Mean power of {members} of {event.participants} meters by interval, {event.zone} time.
      {deviations.adjustment && ' The dotted stretch is where the baseline is adjusted to the day.'}
      {deviations.isProvisional && ' Lighter is provisional.'}
    </Picture>
  )
}

function Verifications({ event }: { event: EventBody }) {
  if (event.verifications.length === 0) {
    return (
      <Empty>
        It is verified {event.terms.latenessS / 3600} hours after its end, when late readings have
        had their time.
      </Empty>
    )
  }
  return (
    <Scroll name="Verifications">
      <table>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col" class="number">
              Ordered
            </th>
            <th scope="col" class="number">
              Delivered
            </th>
            <th scope="col" class="number">
              Error on ordinary days
            </th>
          </tr>
        </thead>
        <tbody>
          {event.verifications.map((each) => (
            <tr key={each.method}>
              <th scope="row">
                {each.method}
                {each.method === event.terms.baselineMethod && <small>settles</small>}
              </th>
              <td class="number">
                <Energy mwh={each.orderedMwh} />
              </td>
              <td class="number">
                <Energy mwh={each.deliveredMwh} />
              </td>
              <td class="number">{percent(each.placeboRrmse)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Terms({ event }: { event: EventBody }) {
  const { terms, zone } = event
  const pairs: readonly (readonly [string, string])[] = [
    ['Programme', `${terms.programme}, version ${terms.version}`],
    ['When', `${clockTime(event.start, zone, true)} to ${clockTime(event.end, zone)}`],
    ['Meters', `${event.participants} take part, ${event.controls} to compare with`],
    ['Ordered', `${terms.orderPpm / 10_000} % less than the baseline`],
    ['Price', `${price(terms.priceMicrosPerKwh, terms.currency)} a kWh delivered`],
    ['Penalty', `${price(terms.penaltyMicrosPerKwh, terms.currency)} a kWh missing`],
    ['Baseline', terms.baselineMethod],
    ['Allowed lateness', `${terms.latenessS / 3600} h`],
  ]
  return <Pairs pairs={pairs} />
}
