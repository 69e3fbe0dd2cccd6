import { useState } from 'preact/hooks'
import { ProblemError } from '../../../schemas/errors/page.ts'
import type { SettlementBody, SettlementLineBody } from '../../shapes/settlement.ts'
import { useEvents } from '../data/useEvents.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { EventPicker, PageHead } from '../parts/PageHead.tsx'
import { Pairs } from '../parts/Pairs.tsx'
import { Empty, Shown } from '../parts/States.tsx'
import { TokenForm } from '../parts/TokenForm.tsx'
import { Energy, Hash, Headline, Money, Tag } from '../parts/Values.tsx'
import { kwh, money } from '../view/format.ts'
import { hrefOf } from '../view/route.ts'
import { type LineOrder, linesAddUp, sortLines } from '../view/settlementPage.ts'
import { SettlementLines } from './SettlementLines.tsx'

/** What is paid, to how many, under which root, final or not? */
export function Settlement() {
  const { list, chosen } = useEvents((event) => event.deliveredMwh !== null)
  const events = list.data?.events ?? []
  const settlement = useResource<SettlementBody>(chosen && `/events/${chosen}/settlement`, [
    'events',
    'anchors',
  ])
  return (
    <>
      <PageHead title="Settlement" about="What is paid, to how many, under which root?">
        {events.length > 0 && <EventPicker page="settlement" events={events} chosen={chosen} />}
      </PageHead>
      <Body settlement={settlement} chosen={chosen} isKnown={list.data !== null} />
    </>
  )
}

function Body(props: {
  settlement: ReturnType<typeof useResource<SettlementBody>>
  chosen: string | null
  isKnown: boolean
}) {
  const { settlement, chosen, isKnown } = props
  if (isKnown && chosen === null) {
    return (
      <section class="card">
        <Empty command="npx wattproof event create --help">
          Nothing is settled before an event has been announced and has ended:
        </Empty>
      </section>
    )
  }
  const { error } = settlement
  if (error instanceof ProblemError && error.status === 409 && chosen !== null) {
    return (
      <section class="card">
        <Empty>
          {error.message}{' '}
          <a href={hrefOf({ page: 'event', id: chosen })}>See how the event is doing.</a>
        </Empty>
      </section>
    )
  }
  return (
    <Shown resource={settlement} tall>
      {(body) => <Parts body={body} />}
    </Shown>
  )
}

function Parts({ body }: { body: SettlementBody }) {
  const { totals, currency, header } = body
  return (
    <div class="grid">
      <section class="card span-7" aria-label="Payment">
        <Headline
          headline={{
            tone: body.isFinal ? 'good' : body.state === 'rejected' ? 'trouble' : 'quiet',
            word: body.isFinal ? 'Final' : (stateWords[body.state] ?? body.state),
            figure: money(header.totalPay, currency),
            unit: totals
              ? `to ${totals.payees} of ${header.leafCount} meters`
              : `on ${header.leafCount} lines`,
            sentence: totals ? describeTotals(totals, currency) : fewMeters,
          }}
        />
        {totals && <Sums totals={totals} currency={currency} />}
      </section>
      <section class="card span-5">
        <h2>Root and status</h2>
        <Roots body={body} />
      </section>
      <section class="card">
        {body.lines ? (
          <Lines body={body} lines={body.lines} />
        ) : (
          <>
            <h2>Invoice lines</h2>
            <TokenForm why="Each line is one meter’s: its energy, pay and proof need the token." />
          </>
        )}
      </section>
    </div>
  )
}

type Totals = NonNullable<SettlementBody['totals']>

function Sums({ totals, currency }: { totals: Totals; currency: string }) {
  const sums = [
    ['Earned by delivery', totals.incentiveMicros],
    ['Fees for missing energy', totals.feeMicros],
    ['Paid, after deducting older debt', totals.payMicros],
    ['Carried over as debt', totals.debtAfterMicros],
  ] as const
  return (
    <>
      <Pairs
        pairs={sums.map(
          ([name, micros]) =>
            [name, <Money key={name} micros={micros} currency={currency} />] as const,
        )}
      />
      <Explain>
        <Formula totals={totals} currency={currency} />
      </Explain>
    </>
  )
}

function Lines({ body, lines }: { body: SettlementBody; lines: readonly SettlementLineBody[] }) {
  const [order, setOrder] = useState<LineOrder>('pay')
  return (
    <>
      <div class="row">
        <h2>Invoice lines</h2>
        <label class="picker end">
          Order
          <select
            value={order}
            onChange={(event) => setOrder(event.currentTarget.value as LineOrder)}
          >
            <option value="pay">most paid first</option>
            <option value="delivered">most delivered first</option>
            <option value="index">by line</option>
          </select>
        </label>
      </div>
      <SettlementLines body={body} lines={sortLines(lines, order)} />
    </>
  )
}

function describeTotals(totals: Totals, currency: string): string {
  const fees = money(totals.feeMicros, currency)
  const [delivered, missing] = [kwh(totals.deliveredMwh), kwh(totals.deficiencyMwh)]
  return `for ${delivered} delivered; ${fees} of fees for ${missing} missing.`
}

const fewMeters = 'With so few meters the delivered energy needs the token.'

const stateWords: Readonly<Record<string, string>> = {
  settled: 'Settled, not anchored yet',
  proposed: 'Proposed to the chain',
  attested: 'Attested, open to challenge',
  rejected: 'Rejected',
}

function Roots({ body }: { body: SettlementBody }) {
  const { header } = body
  const isSum = body.lines && linesAddUp(body.lines, header)
  const settlementNumber =
    body.period === null ? 'not proposed yet' : <a href="#/chain">{body.period}</a>
  const roots = [
    ['Settlement', header.root],
    ['Readings', header.inputsRoot],
    ['Baselines', header.baselinesRoot],
    ['Live figures', header.speedRoot],
    ['Terms', header.termsHash],
  ] as const
  return (
    <>
      <Pairs
        pairs={[
          ...roots.map(
            ([name, hash]) => [name, <Hash key={name} hash={hash} name={name} />] as const,
          ),
          ['Settlement number on chain', settlementNumber],
        ]}
      />
      {isSum !== undefined && (
        <p>
          <Tag tone={isSum ? 'good' : 'trouble'}>
            {isSum ? 'The lines add up to the header, exactly' : 'The lines do not add up'}
          </Tag>
        </p>
      )}
    </>
  )
}

function Formula({ totals, currency }: { totals: Totals; currency: string }) {
  return (
    <>
      <p>
        Incentives <Money micros={totals.incentiveMicros} currency={currency} /> are{' '}
        <Energy mwh={totals.deliveredMwh} /> at the event’s price; fees{' '}
        <Money micros={totals.feeMicros} currency={currency} /> are{' '}
        <Energy mwh={totals.deficiencyMwh} /> at its penalty, each interval rounded down.
      </p>
      <p>
        A meter’s net is incentive − fee. Below zero nothing is paid and the rest is kept as debt;
        above it, older debt is taken off first. What is left of all lines is{' '}
        <Money micros={totals.payMicros} currency={currency} />.
      </p>
    </>
  )
}
