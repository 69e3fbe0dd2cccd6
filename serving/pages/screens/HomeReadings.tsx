import { useState } from 'preact/hooks'
import { useResource } from '../data/useResource.ts'
import { NumberHeads } from '../parts/NumberHeads.tsx'
import { Scroll } from '../parts/Scroll.tsx'
import { Shown } from '../parts/States.tsx'
import { Energy } from '../parts/Values.tsx'
import { clockTime } from '../view/format.ts'
import type { ViewRange } from '../view/route.ts'
import { nameOf, type Rank, type Words, whyOf } from '../view/words.ts'

type Reading = { readonly start: string; readonly energyMwh: number; readonly quality: number }
type Asked = { readonly meter: string; readonly range: ViewRange; readonly zone: string }

const qualities = ['estimated', 'substituted', 'measured']

/** The readings that count, asked for when they are opened; each opens to its versions. */
export function HomeReadings(asked: Asked) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Readings and their history</summary>
      {isOpen && <ReadingTable {...asked} />}
    </details>
  )
}

function ReadingTable({ meter, range, zone }: Asked) {
  const [open, setOpen] = useState<string | null>(null)
  const times = `from=${iso(range.fromMs)}&to=${iso(range.toMs)}`
  const path = `/views/readings?meter=${encodeURIComponent(meter)}&${times}&limit=2000`
  const readings = useResource<{ rows: readonly Reading[] }>(path, ['deviations'])
  return (
    <Shown resource={readings}>
      {({ rows }) =>
        rows.length === 0 ? (
          <p class="quiet">The archive has no reading of these hours yet.</p>
        ) : (
          <Scroll name="Readings" tall>
            <table class="lines">
              <thead>
                <tr>
                  <th scope="col">Start, {zone}</th>
                  <NumberHeads names={['Energy']} />
                  <th scope="col">Quality</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <ReadingRows
                    key={row.start}
                    {...{ meter, zone, row, isOpen: open === row.start }}
                    toggle={() => setOpen(open === row.start ? null : row.start)}
                  />
                ))}
              </tbody>
            </table>
          </Scroll>
        )
      }
    </Shown>
  )
}

function ReadingRows(props: {
  meter: string
  zone: string
  row: Reading
  isOpen: boolean
  toggle: () => void
}) {
  const { meter, zone, row, isOpen, toggle } = props
  return (
    <>
      <tr class={isOpen ? 'open' : ''}>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={isOpen} onClick={toggle}>
            <span class="turn" aria-hidden="true" />
            {clockTime(row.start, zone, true)}
          </button>
        </th>
        <td class="number">
          <Energy mwh={row.energyMwh} />
        </td>
        <td>{qualities[row.quality]}</td>
      </tr>
      {isOpen && (
        <tr class="detail">
          <td colSpan={3}>
            <WordTable meter={meter} start={row.start} zone={zone} />
          </td>
        </tr>
      )}
    </>
  )
}

/** Every version of a reading: its source, time and standing, and why it counts or does not. */
function WordTable({ meter, start, zone }: { meter: string; start: string; zone: string }) {
  const of = `meter=${encodeURIComponent(meter)}&start=${encodeURIComponent(start)}`
  const said = useResource<Words>(`/words?${of}`)
  const ranks = useResource<{ ranks: readonly Rank[] }>('/sources').data?.ranks ?? []
  return (
    <Shown resource={said}>
      {(body) => (
        <Scroll name="Versions">
          <table class="compact">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <NumberHeads names={['Energy']} />
                {['Standing', 'Revision', 'Reported', 'Counts', 'Why'].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {body.words.map((word) => (
                <tr key={word.place} class={word.counts ? '' : 'quiet'}>
                  <th scope="row" title={word.ingest === '' ? '' : `Ingest ${word.ingest}`}>
                    {nameOf(word.source)}
                  </th>
                  <td class="number">
                    {word.energyMwh === null ? 'no value' : <Energy mwh={word.energyMwh} />}
                  </td>
                  <td>{word.standing}</td>
                  <td>{word.revision}</td>
                  <td title={`Logged ${word.logged}`}>
                    {clockTime(word.saidAt ?? word.logged, zone, true)}
                  </td>
                  <td>{word.counts ? 'yes' : 'no'}</td>
                  <td>{whyOf(word, body, ranks)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Shown>
  )
}

function iso(ms: number): string {
  return encodeURIComponent(new Date(ms).toISOString())
}
