import { useState } from 'preact/hooks'
import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import type { VerifyBundleReturnType } from '../../settlement/bundle/verifyBundle.ts'
import type { Anchors } from '../../shapes/chain.ts'
import { getJson } from '../data/api.ts'
import { type ChainAnswer, compareWithChain } from '../view/proofCheck.ts'
import { Sign } from './Values.tsx'

type Outcome = { readonly verdict: VerifyBundleReturnType; readonly chain: ChainAnswer }

/** Checks a proof in the page with the code of the command line, and lists the checks. */
export function ProofCheck({ bundle }: { bundle: BundleBody }) {
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    setProblem(null)
    try {
      setOutcome(await check(bundle))
    } catch (error) {
      setProblem(`The check could not run: ${error instanceof Error ? error.message : error}`)
    }
    setBusy(false)
  }
  return (
    <div class="proof">
      <div class="row">
        <button type="button" class="primary" onClick={run} disabled={isBusy}>
          {isBusy ? 'Checking …' : outcome ? 'Check again' : 'Check the proof'}
        </button>
        <button type="button" onClick={() => download(bundle)}>
          Download it
        </button>
      </div>
      <div aria-live="polite">
        {problem && <p class="trouble">{problem}</p>}
        {outcome && <Checks {...outcome} />}
      </div>
    </div>
  )
}

function Checks({ verdict, chain }: Outcome) {
  return (
    <>
      <p class={`verdict ${verdict.ok && chain.ok !== false ? 'good' : 'trouble'}`}>
        <Sign tone={verdict.ok && chain.ok !== false ? 'good' : 'trouble'} />
        {verdict.sentence}
      </p>
      <ul class="checks">
        {verdict.checks.map(({ name, ok, sentence }) => (
          <li key={name}>
            <Sign tone={ok ? 'good' : 'trouble'} />
            {sentence}
          </li>
        ))}
        <li>
          <Sign tone={chain.ok === null ? 'quiet' : chain.ok ? 'good' : 'trouble'} />
          {chain.sentence}
        </li>
      </ul>
      <p class="small quiet">
        All but the last line was computed in this page, from the bundle alone. To trust nobody,
        this installation included:{' '}
        <code>
          npx wattproof verify bundle.json <span class="whole">--rpc URL</span>
        </code>
      </p>
    </>
  )
}

/** The verifier is fetched on first use. */
async function check(bundle: BundleBody): Promise<Outcome> {
  const [{ verifyHere }, anchors] = await Promise.all([
    import('./verifyHere.ts'),
    getJson<Anchors>('/anchors').catch(() => null),
  ])
  return { verdict: verifyHere(bundle), chain: compareWithChain(bundle, anchors) }
}

function download(bundle: BundleBody): void {
  const link = document.createElement('a')
  const blob = new Blob([`${JSON.stringify(bundle, null, 2)}\n`], { type: 'application/json' })
  link.href = URL.createObjectURL(blob)
  link.download = `${bundle.event.eventId}-${bundle.meter}.json`
  link.click()
  URL.revokeObjectURL(link.href)
}
