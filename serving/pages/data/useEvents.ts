import type { Event } from '../../api/shapes/events.ts'
import { chooseEvent, type EventList } from '../view/eventPage.ts'
import { useHouse } from './house.ts'
import { type Resource, useResource } from './useResource.ts'

/**
 * All events, and the one that a page is about: the address's, else the one that matters now.
 *
 * @param prefers of a page that has nothing to say of the others.
 */
export function useEvents(prefers: (event: Event) => boolean = () => true): {
  list: Resource<EventList>
  chosen: string | null
} {
  const { route, nowMs } = useHouse()
  const list = useResource<EventList>('/events', ['events'], 15_000)
  const events: readonly Event[] = list.data?.events ?? []
  return {
    list,
    chosen:
      route.id ??
      (chooseEvent(events.filter(prefers), nowMs ?? 0) ?? chooseEvent(events, nowMs ?? 0))?.id ??
      null,
  }
}
