import { useState } from 'preact/hooks'
import type { Anchor } from '../../shapes/chain.ts'
import { Scroll } from '../parts/Scroll.tsx'
import { Hash, Sign, Tag } from '../parts/Values.tsx'
import { gasOf, stateOf, supportOf, transactionsOf } from '../view/chainPage.ts'
import { clockTime, count, percent, tokens } from '../view/format.ts'
import { hrefOf } from '../view/route.ts'

const tones = { final: 'good', attested: 'good', proposed: 'quiet', rejected: 'trouble' } as const

/** Anchored settlements; each expands to its verdicts and costs. */
export function ChainSettlements({ anchors, zone }: { anchors: readonly Anchor[]; zone: string }) {
  const [open, setOpen] = useState<number | null>(anchors[0]?.period ?? null)
  return (
    <Scroll name="Settlements">
      <table class="lines">
        <thead>
          <tr>
            <th scope="col">Settlement</th>
            <th scope="col">State</th>
            <th scope="col">Root</th>
            <th scope="col" class="number">
              Stake for it
            </th>
            <th scope="col" class="number">
              Pays
            </th>
            <th scope="col" class="number">
              Gas
            </th>
          </tr>
        </thead>
        <tbody>
          {anchors.map((anchor) => (
            <SettlementRows
              key={anchor.period}
              anchor={anchor}
              zone={zone}
              isOpen={open === anchor.period}
              toggle={() => setOpen(open === anchor.period ? null : anchor.period)}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function SettlementRows(props: {
  anchor: Anchor
  zone: string
  isOpen: boolean
  toggle: () => void
}) {
  const { anchor, zone, isOpen, toggle } = props
  return (
    <>
      <tr class={isOpen ? 'open' : ''}>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={isOpen} onClick={toggle}>
            <span class="turn" aria-hidden="true" />
            {anchor.period}{' '}
            <span class="quiet">
              {anchor.eventId ?? 'unknown event'}
              {anchor.revision > 1 && `, revision ${anchor.revision}`}
            </span>
          </button>
        </th>
        <td>
          <Tag tone={tones[anchor.state]}>{anchor.state}</Tag>
        </td>
        <td>
          <Hash hash={anchor.root} name="root" />
        </td>
        <td class="number">{percent(supportOf(anchor))}</td>
        <td class="number">{tokens(anchor.totalPayMicros)}</td>
        <td class="number">{count(gasOf(anchor))}</td>
      </tr>
      {isOpen && (
        <tr class="detail">
          <td colSpan={6}>
            <Detail anchor={anchor} zone={zone} />
          </td>
        </tr>
      )}
    </>
  )
}

function Detail({ anchor, zone }: { anchor: Anchor; zone: string }) {
  return (
    <div class="questioned">
      <p>
        {stateOf(anchor, (iso) => clockTime(iso, zone, true))} {anchor.leafCount} lines;{' '}
        {percent(anchor.earnedStakeShare)} of the stake was earned.{' '}
        {anchor.eventId && (
          <a href={hrefOf({ page: 'settlement', id: anchor.eventId })}>Its invoice lines</a>
        )}
      </p>
      <h3>Verdicts and transactions</h3>
      <ul class="list">
        {[...anchor.attestations].sort(byStake).map((each) => (
          <li key={each.validator}>
            <Sign tone={each.verdict === 'signed' ? 'good' : each.verdict ? 'trouble' : 'quiet'} />
            <Hash hash={each.validator} name="validator" />
            <span class="said">{said(each)}</span>
            <span class="end">{tokens(each.stakeMicros)} staked</span>
          </li>
        ))}
      </ul>
      <h3>Transactions</h3>
      <ul class="list">
        {transactionsOf(anchor).map((each) => (
          <li key={each.transaction}>
            <b>{each.events}</b>
            <span class="quiet">block {count(each.block)}</span>
            <Hash hash={each.transaction} name="transaction" />
            <span class="end">
              {each.gasUsed === null ? 'by another sender' : `${count(each.gasUsed)} gas`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function byStake(left: Anchor['attestations'][number], right: Anchor['attestations'][number]) {
  return Number(right.stakeMicros) - Number(left.stakeMicros)
}

function said({ verdict, refusal, isOnChain }: Anchor['attestations'][number]): string {
  if (verdict === 'refused') return `refused: ${refusal ?? 'enter the token to see the reason'}`
  if (verdict === 'signed') return isOnChain ? 'signed, counted on chain' : 'signed'
  return 'no verdict yet'
}
