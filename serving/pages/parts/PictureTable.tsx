import { useState } from 'preact/hooks'
import { clockTime, kw } from '../view/format.ts'
import { type Picture, tabulate } from '../view/picture.ts'
import { Scroll } from './Scroll.tsx'

const rowsMax = 400

/** The values of a chart as a table, rendered only when opened. */
export function PictureTable(props: { model: Picture; zone: string; name: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && <Rows {...props} />}
    </details>
  )
}

function Rows({ model, zone, name }: { model: Picture; zone: string; name: string }) {
  const { labels, rows } = tabulate(model)
  const shown = rows.slice(0, rowsMax)
  return (
    <Scroll name={`Table: ${name}`} tall>
      <table>
        <thead>
          <tr>
            <th scope="col">Start, {zone}</th>
            {labels.map((label) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ startMs, cells }) => (
            <tr key={startMs}>
              <th scope="row" title={new Date(startMs).toISOString()}>
                {clockTime(startMs, zone, true)}
              </th>
              {cells.map(({ value, isProvisional }, at) => (
                <td key={labels[at]} class={`number${isProvisional ? ' provisional' : ''}`}>
                  {kw(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > rowsMax && (
        <p class="quiet small">
          The first {rowsMax} of {rows.length} intervals; zoom in for others.
        </p>
      )}
    </Scroll>
  )
}
