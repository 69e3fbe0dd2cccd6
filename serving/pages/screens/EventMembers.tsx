import type { Event, EventDeviations, Reconciliation } from '../../shapes/events.ts'
import { useInstallation } from '../data/installation.ts'
import { Spark } from '../parts/Spark.tsx'
import { Empty, Loading } from '../parts/States.tsx'
import { TokenForm } from '../parts/TokenForm.tsx'
import { Energy } from '../parts/Values.tsx'
import { type MemberDelivery, membersByDelivery } from '../view/eventPage.ts'
import { percent } from '../view/format.ts'
import { hrefOf } from '../view/route.ts'

const shownMax = 60

/** The chart of each meter in the event. */
export function EventMembers(props: {
  event: Event
  deviations: EventDeviations | null
  reconciliation: Reconciliation | null
}) {
  const { isTrusted } = useInstallation()
  const { event, deviations, reconciliation } = props
  if (!deviations) return <Loading lines={4} />
  if (!isTrusted) return <TokenForm why="The delivery of single meters needs the token." />
  const members = membersByDelivery(deviations, reconciliation)
  if (members.length === 0) return <Empty>Meters appear with their first readings.</Empty>
  return (
    <>
      <ul class="multiples">
        {members.slice(0, shownMax).map((member) => (
          <Member key={member.meter} member={member} event={event} />
        ))}
      </ul>
      {members.length > shownMax && (
        <p class="quiet small">
          The first {shownMax} of {members.length} meters.
        </p>
      )}
    </>
  )
}

function Member({ member, event }: { member: MemberDelivery; event: Event }) {
  const { meter, deliveredMwh, orderedMwh, share, missing, loads } = member
  const span = { fromMs: Date.parse(event.start), toMs: Date.parse(event.end) }
  return (
    <li>
      <p class="row">
        <a href={hrefOf({ page: 'home', id: meter })}>{meter}</a>
        {share !== null && <b class="end">{percent(share)}</b>}
      </p>
      {loads.length > 0 && (
        <Spark name={`Load of ${meter} against its baseline`} points={loads} span={span} />
      )}
      <p class="small quiet">
        <Energy mwh={deliveredMwh} /> of <Energy mwh={orderedMwh} />
        {missing > 0 && `, ${missing} readings missing`}
      </p>
    </li>
  )
}
