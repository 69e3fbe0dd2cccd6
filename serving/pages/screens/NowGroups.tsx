import type { DeviationRow, GroupRow } from '../../shapes/views.ts'
import { Scroll } from '../parts/Scroll.tsx'
import { Spark } from '../parts/Spark.tsx'
import { Empty } from '../parts/States.tsx'
import { clockTime, kw, percent } from '../view/format.ts'
import { groupsByTrouble } from '../view/portfolio.ts'

/** Groups against their baselines, in the latest interval that is complete. */
export function GroupTable(props: {
  rows: readonly GroupRow[]
  exceptions: readonly DeviationRow[]
  zone: string
}) {
  const { rows, exceptions, zone } = props
  if (rows.length === 0) return <Empty>Groups appear with their first readings.</Empty>
  return (
    <Scroll name="Groups">
      <table>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Today</th>
            <th scope="col" class="number">
              Load
            </th>
            <th scope="col" class="number">
              Baseline
            </th>
            <th scope="col" class="number">
              Off by
            </th>
            <th scope="col" class="number">
              Sites
            </th>
          </tr>
        </thead>
        <tbody>
          {groupsByTrouble(rows, exceptions).map(({ group, latest, share, exceptions, loads }) => (
            <tr key={group}>
              <th scope="row">
                {group}
                <small>at {clockTime(latest.start, zone)}</small>
              </th>
              <td>
                <Spark name={`Load of ${group} against its baseline`} points={loads} />
              </td>
              <td class="number">{kw(latest.loadW)}</td>
              <td class="number">{kw(latest.baselineW)}</td>
              <td class="number">
                {share !== null && share > 0 ? '+' : ''}
                {percent(share)}
              </td>
              <td class="number">
                {latest.members}
                {exceptions > 0 && <small class="trouble">{exceptions} outside</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
