import type { ComponentChildren } from 'preact'
import type { Event } from '../../shapes/events.ts'
import { useInstallation } from '../data/installation.ts'
import { clockTime, dayName } from '../view/format.ts'
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
        <OldSince />
      </div>
      {children}
    </header>
  )
}

/** Warns that the page shows old data while a store does not answer. */
function OldSince() {
  const { status, zone } = useInstallation()
  if (!status?.oldSince) return null
  const at = clockTime(status.oldSince, zone)
  return (
    <p class="trouble" role="status" title={status.oldSince}>
      As of {at}: a store does not answer
    </p>
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
