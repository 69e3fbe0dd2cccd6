import { useEffect, useState } from 'preact/hooks'
import type { DeviationRow } from '../../shapes/views.ts'
import { useInstallation } from '../data/installation.ts'
import { onStream } from '../data/stream.ts'
import type { Resource } from '../data/useResource.ts'
import { Empty, Shown } from '../parts/States.tsx'
import { TokenForm } from '../parts/TokenForm.tsx'
import { clockTime, dayName, kwh } from '../view/format.ts'
import { latestExceptions } from '../view/portfolio.ts'
import { hrefOf } from '../view/route.ts'

const shownMax = 6

/** Meters whose last hour left the contracted band, newest first. */
export function Exceptions({
  resource,
}: {
  resource: Resource<{ rows: readonly DeviationRow[] }>
}) {
  const { zone, isTrusted } = useInstallation()
  const counts = useCounts()
  if (!isTrusted) {
    const said = Object.entries(counts).map(([group, count]) => `${count} in ${group}`)
    return (
      <>
        {said.length > 0 && <p>Since this page was opened: {said.join(', ')}.</p>}
        <TokenForm why="The list of meters needs the token." />
      </>
    )
  }
  return (
    <Shown resource={resource} lines={5}>
      {({ rows }) => {
        const latest = latestExceptions(rows)
        if (latest.length === 0) {
          return <Empty>No meter has left its contracted band in these hours.</Empty>
        }
        return (
          <>
            <ul class="list">
              {latest.slice(0, shownMax).map((row) => (
                <ExceptionRow key={row.meter} row={row} zone={zone} />
              ))}
            </ul>
            {latest.length > shownMax && (
              <p class="quiet small">
                and {latest.length - shownMax} more{' '}
                {latest.length - shownMax === 1 ? 'meter' : 'meters'} in these hours.
              </p>
            )}
          </>
        )
      }}
    </Shown>
  )
}

function ExceptionRow({ row, zone }: { row: DeviationRow; zone: string }) {
  const { nowMs } = useInstallation()
  const rollingWh = row.rollingWh ?? 0
  const isToday = dayName(row.start, zone) === dayName(nowMs ?? 0, zone)
  const side = rollingWh > 0 ? 'above' : 'below'
  return (
    <li class="split">
      <div>
        <a href={hrefOf({ page: 'home', id: row.meter })}>{row.meter}</a>
        <small>
          {row.group} · {clockTime(row.start, zone, !isToday)}
        </small>
      </div>
      <div class="end">
        <b class="trouble">
          {kwh(Math.abs(rollingWh) * 1000)} {side}
        </b>
        <small>in the last hour</small>
      </div>
    </li>
  )
}

/** Without the token: counts by group only. */
function useCounts(): Readonly<Record<string, number>> {
  const [counts, setCounts] = useState<Readonly<Record<string, number>>>({})
  useEffect(
    () =>
      onStream('exceptions', (message) => {
        const added = (message as { counts?: Record<string, number> }).counts ?? {}
        setCounts((before) => addCounts(before, added))
      }),
    [],
  )
  return counts
}

function addCounts(
  before: Readonly<Record<string, number>>,
  added: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = { ...before }
  for (const [group, count] of Object.entries(added)) sum[group] = (sum[group] ?? 0) + count
  return sum
}
