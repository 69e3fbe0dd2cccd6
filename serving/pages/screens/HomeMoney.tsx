import { useState } from 'preact/hooks'
import { ProblemError } from '../../../schemas/errors/page.ts'
import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import type { Validators } from '../../shapes/chain.ts'
import type { Event } from '../../shapes/events.ts'
import type { SettlementBody } from '../../shapes/settlement.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { Pairs } from '../parts/Pairs.tsx'
import { ProofCheck } from '../parts/ProofCheck.tsx'
import { Empty, Loading, Shown } from '../parts/States.tsx'
import { Hash, Money } from '../parts/Values.tsx'
import { dayName, money, percent, tokens } from '../view/format.ts'
import { describeEarned } from '../view/homePage.ts'
import { describeArithmetic, describeBaseline, describeInterval } from '../view/settlementPage.ts'

/** The last event in words, and the check of its proof. */
export function HomeEarned({ meter, settled }: { meter: string; settled: readonly Event[] }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const event = chosen ?? settled[0]?.id ?? null
  const bundle = useResource<BundleBody>(
    event && `/meters/${encodeURIComponent(meter)}/bundles/${event}`,
    ['anchors'],
  )
  if (settled.length === 0) {
    return <Empty>Your first earnings appear here once an event you took part in is settled.</Empty>
  }
  const isOther = bundle.error instanceof ProblemError && bundle.error.status === 404
  return (
    <>
      {settled.length > 1 && (
        <fieldset class="choice">
          <legend class="unseen">Event</legend>
          {settled.slice(0, 6).map((each) => (
            <button
              key={each.id}
              type="button"
              aria-pressed={each.id === event}
              onClick={() => setChosen(each.id)}
            >
              {dayName(each.start, each.zone)}
            </button>
          ))}
        </fieldset>
      )}
      {isOther ? (
        <Empty>You did not take part in this event.</Empty>
      ) : (
        <Shown resource={bundle} lines={4}>
          {(body) => <Earned key={body.event.eventId} body={body} />}
        </Shown>
      )}
    </>
  )
}

function Earned({ body }: { body: BundleBody }) {
  return (
    <>
      <p class="sentence">{describeEarned(body)}</p>
      <Explain>
        <p>{describeBaseline(body)}</p>
        <ul class="plain">
          {body.line.intervals.map((each) => (
            <li key={each.startMs}>{describeInterval(each, body)}</li>
          ))}
        </ul>
        <Pairs
          pairs={describeArithmetic(body).map(
            ({ label, formula, value }) => [label, `${formula} = ${value}`] as const,
          )}
        />
      </Explain>
      <ProofCheck bundle={body} />
    </>
  )
}

/** The account's total entitlement, its debt, and whether it is staked. */
export function HomeMoney(props: { meter: string; settlement: SettlementBody }) {
  const { lines = [], currency } = props.settlement
  const line = lines.find((each) => each.meter === props.meter)
  const validators = useResource<Validators>('/validators', ['anchors'])
  if (!line || !validators.data) return <Loading lines={3} />
  const stake = validators.data.validators.find((each) => each.validator === line.account)
  const debt = Number(line.debtAfterMicros)
  return (
    <Pairs
      pairs={[
        ['Earned in total', <Money key="all" micros={line.entitledMicros} currency={currency} />],
        ['Outstanding fees', debt > 0 ? money(debt, currency) : 'none'],
        ['Account', <Hash key="account" hash={line.account} name="account" />],
        [
          'Stake',
          stake
            ? `${tokens(stake.stakeMicros)}, ${percent(stake.share)} of all: it attests settlements`
            : 'none: earnings are paid out',
        ],
      ]}
    />
  )
}
