import type { EventProgress } from '../../../schemas/event.ts'
import { isOpenSum } from '../../merge/isOpenSum.ts'
import type { Status } from '../../shapes/status.ts'
import type { EventReader } from '../../store/readEvents.ts'
import type { ApiPorts } from './apiPorts.ts'

type EventPorts = Pick<ApiPorts, 'listUnreadable'> & {
  readonly events: Pick<EventReader, 'states' | 'list'>
}

type UnderWay = {
  readonly all: number
  readonly open: number
  readonly unreadable: readonly string[]
  /** Events settled without some readings, among the newest. */
  readonly unmeasured: readonly string[]
}

const newestMax = 20

/** How many events there are, how many are not paid yet, and those an operator should look at. */
export async function countUnderWay({ events, listUnreadable }: EventPorts): Promise<UnderWay> {
  const [all, newest] = await Promise.all([events.states(), events.list(newestMax)])
  const states = [...all.values()]
  const open = states.filter((state) => state !== 'paid').length
  const isShown = ({ event, unmeasured }: EventProgress) =>
    unmeasured != null && isOpenSum(event.participants.length)
  const unmeasured = newest.filter(isShown).map(({ event }) => event.id)
  return { all: states.length, open, unreadable: listUnreadable?.() ?? [], unmeasured }
}

const namedMax = 5

export function describeUnderWay({
  all,
  open,
  unreadable,
  unmeasured,
}: UnderWay): Status['layers']['serving'] {
  if (unreadable.length > 0) {
    const more = unreadable.length > namedMax ? ` and ${unreadable.length - namedMax} more` : ''
    const names = unreadable.slice(0, namedMax).join(', ') + more
    const sentence = `Stored events that cannot be read are left out: ${names}. The log says why.`
    return { state: 'failed', sentence }
  }
  if (all === 0) return { state: 'ok', sentence: 'No event has been announced.' }
  const names = unmeasured.slice(0, namedMax).join(', ')
  const warning = names === '' ? '' : ` Settled although readings are missing: ${names}.`
  return { state: 'ok', sentence: `Events under way: ${open} of ${all}.${warning}` }
}
