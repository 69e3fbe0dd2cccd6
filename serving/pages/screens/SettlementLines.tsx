import { useState } from 'preact/hooks'
import type { SettlementBody, SettlementLineBody } from '../../shapes/settlement.ts'
import { NumberHeads } from '../parts/NumberHeads.tsx'
import { Scroll } from '../parts/Scroll.tsx'
import { Energy, Money } from '../parts/Values.tsx'
import { LineDetail } from './LineDetail.tsx'

const columns = ['Paid', 'Delivered', 'Missing', 'Incentive', 'Fee', 'Debt left'] as const

/** The invoice; each line expands to its inputs. */
export function SettlementLines(props: {
  body: SettlementBody
  lines: readonly SettlementLineBody[]
}) {
  const { body, lines } = props
  const [open, setOpen] = useState<number | null>(null)
  return (
    <Scroll name="Invoice lines">
      <table class="lines">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <NumberHeads names={columns} />
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <LineRows
              key={line.index}
              body={body}
              line={line}
              isOpen={open === line.index}
              toggle={() => setOpen(open === line.index ? null : line.index)}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function LineRows(props: {
  body: SettlementBody
  line: SettlementLineBody
  isOpen: boolean
  toggle: () => void
}) {
  const { body, line, isOpen, toggle } = props
  const { currency } = body
  return (
    <>
      <tr class={isOpen ? 'open' : ''}>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={isOpen} onClick={toggle}>
            <span class="turn" aria-hidden="true" />
            <span class="quiet">{line.index + 1}</span> {line.meter}
          </button>
        </th>
        <td class="number">
          <b>
            <Money micros={line.payMicros} currency={currency} />
          </b>
        </td>
        <td class="number">
          <Energy mwh={line.deliveredMwh} />
        </td>
        <td class="number">
          <Energy mwh={line.deficiencyMwh} />
        </td>
        <td class="number">
          <Money micros={line.incentiveMicros} currency={currency} />
        </td>
        <td class="number">
          <Money micros={line.feeMicros} currency={currency} />
        </td>
        <td class="number">
          <Money micros={line.debtAfterMicros} currency={currency} />
        </td>
      </tr>
      {isOpen && (
        <tr class="detail">
          <td colSpan={columns.length + 1}>
            <LineDetail meter={line.meter} event={body.id} />
          </td>
        </tr>
      )}
    </>
  )
}
