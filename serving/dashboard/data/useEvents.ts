import type { Event } from '../../api/shapes/events.ts'
import { chooseEvent, type EventList } from '../view/eventPage.ts'
import { useHouse } from './house.ts'
import { type Resource, useResource } from './useResource.ts'

/** All events, and the one that a page is about: the address's, else the one that matters now. */
export function useEvents(): { list: Resource<EventList>; chosen: string | null } {
  const { route, nowMs } = useHouse()
  const list = useResource<EventList>('/events', ['events'], 15_000)
  const events: readonly Event[] = list.data?.events ?? []
  return { list, chosen: route.id ?? chooseEvent(events, nowMs ?? 0)?.id ?? null }
}
