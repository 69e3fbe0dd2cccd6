import type { ComponentChildren } from 'preact'
import type { Event } from '../../shapes/events.ts'
import { dayName } from '../view/format.ts'
import type { PageName } from '../view/route.ts'

/** The title of a page and its controls. */
export function PageHead({
  title,
  about,
  children,
}: {
  title: string
  about: string
  children?: ComponentChildren
}) {
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        <p class="quiet">{about}</p>
      </div>
      {children}
    </header>
  )
}

/** Chooses the event of a page. */
export function EventPicker({
  page,
  events,
  chosen,
}: {
  page: PageName
  events: readonly Event[]
  chosen: string | null
}) {
  return (
    <label class="picker">
      Event
      <select
        value={chosen ?? ''}
        onChange={(event) => {
          location.hash = `#/${page}/${encodeURIComponent(event.currentTarget.value)}`
        }}
      >
        {events.map((each) => (
          <option key={each.id} value={each.id}>
            {each.id} · {dayName(each.start, each.zone)}
          </option>
        ))}
      </select>
    </label>
  )
}
