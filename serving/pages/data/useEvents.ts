import type { Event } from '../../shapes/events.ts'
import { chooseEvent, type EventList } from '../view/eventPage.ts'
import { useInstallation } from './installation.ts'
import { type Resource, useResource } from './useResource.ts'

/**
 * All events, and the one that a page is about: the one in the address, else the most relevant one.
 *
 * @param prefers a filter for pages that can show only some events.
 */
export function useEvents(prefers: (event: Event) => boolean = () => true): {
  list: Resource<EventList>
  chosen: string | null
} {
  const { route, nowMs } = useInstallation()
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
