import { hrefOf, type PageName, pageNames, type Route } from '../view/route.ts'

const icons: Readonly<Record<PageName, string>> = {
  now: 'M3 13h4l3-8 4 14 3-8h4',
  event: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  settlement: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  chain: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  pipeline: 'M3 7h7v10h11M3 17h4M14 7h7',
}

/** Navigation: a rail at the side, a bar at the bottom on phones. Links keep the range. */
export function Rail({
  route,
  titles,
}: {
  route: Route
  titles: Readonly<Record<PageName, string>>
}) {
  return (
    <nav class="rail" aria-label="Pages">
      <p class="brand">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M13 2L5 13h5l-1 9 9-12h-6z" />
        </svg>
        Wattproof
      </p>
      <ul>
        {pageNames.map((page) => (
          <li key={page}>
            <a
              href={hrefOf({ page, id: keptId(route, page), range: route.range })}
              {...(page === route.page ? { 'aria-current': 'page' as const } : {})}
            >
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d={icons[page]} />
              </svg>
              {titles[page]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** Links between an event and its settlement keep the event. */
function keptId({ page, id }: Route, target: PageName): string | null {
  const isOfEvents = (name: PageName) => name === 'event' || name === 'settlement'
  return page === target || (isOfEvents(page) && isOfEvents(target)) ? id : null
}
