import type { Anchors, Validators } from '../../shapes/chain.ts'
import { useInstallation } from '../data/installation.ts'
import { useResource } from '../data/useResource.ts'
import { Explain } from '../parts/Explain.tsx'
import { PageHead } from '../parts/PageHead.tsx'
import { Pairs } from '../parts/Pairs.tsx'
import { StakeBar } from '../parts/StakeBar.tsx'
import { Empty, Shown } from '../parts/States.tsx'
import { Hash, Headline } from '../parts/Values.tsx'
import { chainHeadline, stakeParts } from '../view/chainPage.ts'
import { clockTime, count, percent, tokens } from '../view/format.ts'
import { ChainSettlements } from './ChainSettlements.tsx'

/** Are the settlements final? */
export function Chain() {
  const { zone } = useInstallation()
  const anchors = useResource<Anchors>('/anchors', ['anchors'], 10_000)
  const validators = useResource<Validators>('/validators', ['anchors'], 10_000)
  return (
    <>
      <PageHead title="Chain" about="Are the settlements final?" />
      <div class="grid">
        <section class="card span-5" aria-label="State">
          <Shown resource={anchors}>{(body) => <ChainState body={body} />}</Shown>
        </section>
        <section class="card span-7">
          <h2>Stake of the validators</h2>
          <Shown resource={validators} lines={5}>
            {(body) => <Stake body={body} />}
          </Shown>
        </section>
        <section class="card">
          <h2>Settlements, newest first</h2>
          <Shown resource={anchors} lines={5}>
            {(body) =>
              body.anchors.length === 0 ? (
                <Empty>The first settlement that is proposed appears here.</Empty>
              ) : (
                <>
                  <ChainSettlements anchors={body.anchors} zone={zone} />
                  <p class="note">
                    Stake and pay are in WATT, the token of the vault: one for each pound, euro or
                    other unit that a settlement is in.
                  </p>
                </>
              )
            }
          </Shown>
        </section>
        <section class="card">
          <h2>Contracts</h2>
          <Shown resource={anchors} lines={5}>
            {(body) => (
              <Pairs
                isWide
                pairs={Object.entries(body.contracts).map(
                  ([name, address]) =>
                    [name, <Hash key={name} hash={address} name={name} />] as const,
                )}
              />
            )}
          </Shown>
        </section>
      </div>
    </>
  )
}

function ChainState({ body }: { body: Anchors }) {
  const { status, zone } = useInstallation()
  return (
    <>
      <Headline headline={chainHeadline(body, status?.chain ?? null)} />
      <Explain title="What does final mean?">
        <p>
          A settlement’s root is <b>proposed</b>. Validators recompute it from the published inputs
          and sign; with two thirds of stake it is <b>attested</b>. When the challenge window is
          over it is <b>final</b>: no one can change it, and what it owes can be claimed.
        </p>
      </Explain>
      <Pairs
        pairs={[
          ['Chain', `id ${body.chainId}`],
          ['Head', count(status?.chain?.head)],
          ['Finalised by the chain', count(status?.chain?.finalized || null)],
          ['Chain time', status?.chain ? clockTime(status.chain.timestamp, zone, true) : '–'],
        ]}
      />
    </>
  )
}

function Stake({ body }: { body: Validators }) {
  const parts = stakeParts(body)
  if (parts.length === 0) return <Empty>No validator has any stake.</Empty>
  return (
    <>
      <StakeBar parts={parts} />
      <ul class="list">
        {parts.map((each, index) => (
          <li key={each.validator} class="staked">
            <i class={`dot part-${index % 4}`} aria-hidden="true" />
            <Hash hash={each.validator} name="validator" />
            <span class="end">
              <b>{percent(each.share)}</b>
              <small>
                {tokens(each.stakeMicros)}, {tokens(each.earnedMicros)} earned
              </small>
            </span>
          </li>
        ))}
      </ul>
      <p class="note">
        Hatched: {percent(body.earnedShare)} of all stake was earned by delivering; the rest is the
        founders’ start, which decays. A settlement is attested by{' '}
        {`${tokens(body.quorumMicros)} of ${tokens(body.totalMicros)}`}.
      </p>
    </>
  )
}
