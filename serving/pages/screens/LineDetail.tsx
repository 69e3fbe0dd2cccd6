import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import { useResource } from '../data/useResource.ts'
import { ProofCheck } from '../parts/ProofCheck.tsx'
import { Scroll } from '../parts/Scroll.tsx'
import { Shown } from '../parts/States.tsx'
import { Energy, Hash, Money } from '../parts/Values.tsx'
import { clockTime, dayName, kwh, price } from '../view/format.ts'
import { describeEarned } from '../view/homePage.ts'
import { describeArithmetic, describeBaseline } from '../view/settlementPage.ts'

/** The details of a line: its readings, baseline days, arithmetic and proof. */
export function LineDetail({ meter, event }: { meter: string; event: string }) {
  const path = `/meters/${encodeURIComponent(meter)}/bundles/${event}`
  const bundle = useResource<BundleBody>(path)
  return (
    <Shown resource={bundle} lines={5}>
      {(body) => (
        <div class="questioned">
          <p>{describeEarned(body)}</p>
          <h3>Readings against the baseline</h3>
          <Intervals body={body} />
          <h3>Baseline</h3>
          <p>{describeBaseline(body)}</p>
          <ul class="days">
            {body.member.baseline.days.map((day) => (
              <li key={day}>{dayName(`${day}T12:00:00Z`, 'UTC')}</li>
            ))}
          </ul>
          <h3>Arithmetic</h3>
          <Arithmetic body={body} />
          <h3>Proof</h3>
          <p>
            {body.proofs.settlement.length} hashes lead from line {body.line.index + 1} of{' '}
            {body.header.leafCount} to the root <Hash hash={body.header.root} name="root" />.
          </p>
          <ProofCheck bundle={body} />
        </div>
      )}
    </Shown>
  )
}

function Intervals({ body }: { body: BundleBody }) {
  const { zone, terms } = body.event
  const { intervals } = body.line
  if (intervals.length === 0) return <p>No interval has both a reading and a baseline.</p>
  return (
    <Scroll name="Intervals">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">From</th>
            {['Used', 'Baseline', 'Ordered', 'Delivered', 'Missing', 'Incentive', 'Fee'].map(
              (name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {intervals.map((each) => (
            <tr key={each.startMs}>
              <th scope="row">{clockTime(each.startMs, zone)}</th>
              {[each.metered, each.baseline, each.ordered, each.delivered, each.deficiency].map(
                (mwh, at) => (
                  <td key={at} class="number">
                    <Energy mwh={mwh} />
                  </td>
                ),
              )}
              <td class="number">
                <Money micros={each.incentive} currency={terms.currency} />
              </td>
              <td class="number">
                <Money micros={each.fee} currency={terms.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small quiet">
        Delivered = baseline − used, from 0 up to what is ordered: {terms.orderPpm / 10_000} % of
        the baseline. {kwh(1_000_000)} delivered earns{' '}
        {price(terms.priceMicrosPerKwh, terms.currency)}.
      </p>
    </Scroll>
  )
}

function Arithmetic({ body }: { body: BundleBody }) {
  return (
    <dl class="sums">
      {describeArithmetic(body).map(({ label, formula, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd class="quiet">{formula}</dd>
          <dd class="number">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
