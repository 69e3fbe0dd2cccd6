import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployContracts } from '../../deploy/engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../../deploy/engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../../deploy/engines/chain/ethersChainArtifacts.ts'
import { memoryJournal } from '../../deploy/engines/chain/ethersChainJournal.ts'
import { openSigner, type Signer } from '../../deploy/engines/chain/ethersChainSigner.ts'
import { type Anvil, startAnvil } from '../../deploy/testing/startAnvil.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { deriveSecret, toHex } from '../../schemas/hash.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { exampleEvent, exampleInputs } from '../settlement/testing/exampleEvent.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import { keepVerdict } from './keepVerdict.ts'

/** A settlement proposed on a real chain, and two founders who have all the stake. */
const startS = exampleEvent.startMs / 1000
const { header } = buildSettlement(exampleInputs())
const keyOf = (role: string) => toHex(deriveSecret(new Uint8Array(32).fill(5), role))
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

let dir: string
let anvil: Anvil
let chain: Chain
let founders: Signer[]
let signature: Hex32
let kept: ValidatorVerdict[] = []

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-verdict-'))
  const timestampS = startS - 86_400
  anvil = await startAnvil({ dir, chainId: 31_337, timestampS })
  founders = await Promise.all(
    [0, 1].map((index) => openSigner({ privateKey: keyOf(`validator-${index}`) })),
  )
  const operator = await openSigner({ privateKey: keyOf('operator') })
  const connected = await connectChain({
    ...{ url: anvil.url, signer: operator, journal: memoryJournal() },
    ...{ artifacts: wattproofArtifacts },
    followClock: {
      nowMs: () => timestampS * 1000,
      elapsedMs: () => performance.now(),
      sleep: async () => {},
    },
  })
  const addresses = await deployContracts(connected, {
    ...{ guardian: operator.address, genesisPeriods: 8, challengeWindowS: 3600 },
    ...{ unbondingS: 7200, fundMicros: 1_000_000_000 },
    founders: founders.map(({ address }) => ({ address, stakeMicros: 100_000 })),
  })
  chain = openEthersChain(connected, addresses)
  const { eventHash, baselinesRoot } = header
  await send('BaselineCommitment', 'commit', [eventHash, startS, baselinesRoot])
  await send('SettlementAnchor', 'propose', [header])
  const anchor = addresses.SettlementAnchor
  signature = await founders[0]!.signHeader(
    { chainId: 31_337, anchor, settlementNumber: 1 },
    header,
  )
})

afterAll(async () => {
  await chain?.close()
  await anvil?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** The bytes r and s with another v: ethers accepts all of these, the anchor none. */
const otherForms: readonly [string, (signature: Hex32) => string][] = [
  ['a v of 0 or 1', (each) => withV(each, vOf(each) - 27)],
  ['a v of 35 or 36', (each) => withV(each, vOf(each) + 8)],
  ['the twin with the high s', twinOf],
]

test.each(otherForms)('%s is refused, as by the anchor', async (_, change) => {
  const changed = change(signature) as Hex32
  await expect(keep(changed)).rejects.toThrow(InvalidArgumentError)
  await expect(keep(changed)).rejects.toThrow(/not a signature/)
  expect(kept).toEqual([])
  await expect(attest(changed)).rejects.toThrow(/ECDSAInvalidSignature/)
})

test('a signature by another key, or of another header, is refused', async () => {
  const place = { chainId: 31_337, anchor: await anchorOf(), settlementNumber: 1 }
  const other = await founders[1]!.signHeader(place, header)
  await expect(keep(other)).rejects.toThrow(/not by/)
  await expect(
    keep(await founders[0]!.signHeader({ ...place, settlementNumber: 2 }, header)),
  ).rejects.toThrow(/not by/)
  expect(kept).toEqual([])
})

test('the anchor accepts every stored signature', async () => {
  await keep(signature)
  expect(kept).toMatchObject([{ signature, refusal: null }])
  await attest(signature)
  const call = { contract: 'SettlementAnchor', method: 'hasAttested' } as const
  expect(await chain.read({ ...call, args: [1, founders[0]!.address] })).toBe(true)
})

function keep(given: Hex32): Promise<void> {
  kept = []
  const putVerdict = async (verdict: ValidatorVerdict) => {
    kept.push(verdict)
  }
  const shell = { chain, store: { putVerdict }, say() {} }
  const validator = founders[0]!.address
  return keepVerdict(shell, { period: 1, validator, signature: given, refusal: null })
}

function attest(given: Hex32) {
  return send('SettlementAnchor', 'attest', [1, [given]])
}

function send(
  contract: 'BaselineCommitment' | 'SettlementAnchor',
  method: string,
  args: unknown[],
) {
  return chain.send({ contract, method, args, once: `test ${method} ${args.join()}` })
}

async function anchorOf() {
  return (await chain.identity()).contracts.SettlementAnchor
}

function vOf(given: Hex32): number {
  return Number.parseInt(given.slice(-2), 16)
}

function withV(given: string, v: number): string {
  return `${given.slice(0, -2)}${v.toString(16).padStart(2, '0')}`
}

/** The other signature of the same key on the same digest; contracts accept only one of the two. */
function twinOf(given: Hex32): string {
  const s = BigInt(`0x${given.slice(66, 130)}`)
  const high = (order - s).toString(16).padStart(64, '0')
  return withV(`${given.slice(0, 66)}${high}${given.slice(-2)}`, vOf(given) === 27 ? 28 : 27)
}
