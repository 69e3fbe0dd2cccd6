import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain, ContractCall } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { toJson } from '../../schemas/units.ts'
import type { BuildSettlementReturnType } from '../../serving/settlement/buildSettlement.ts'
import { type ContractAddresses, deployContracts } from '../engines/chain/deployContracts.ts'
import { connectChain, openEthersChain, readCall } from '../engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { memoryJournal } from '../engines/chain/ethersChainJournal.ts'
import { openSigner, type Signer } from '../engines/chain/ethersChainSigner.ts'
import { startAnvil } from './startAnvil.ts'
import { standingClock } from './testApi.ts'

/** A private anvil with our contracts and test settlements. */
export type TestChain = {
  readonly url: string
  readonly clock: Clock & { ms: EpochMs }
  /** The operator's connection. */
  readonly chain: Chain
  readonly addresses: ContractAddresses
  read(call: ContractCall, at: Address): Promise<unknown>
  /** Commits the baselines and proposes the settlement. @returns the settlement. */
  propose(built: BuildSettlementReturnType): Promise<number>
  attest(settlementNumber: number, signatures: readonly Hex32[]): Promise<void>
  /** Finalizes it after the challenge window. */
  finalize(settlementNumber: number): Promise<void>
  stop(): Promise<void>
}

const testWindowS = 3600
const testStakeMicros = 100_000n
const testChainId = 31_337

/** Four hours before `startMs` by its clock; each founder has the same stake. */
export async function startTestChain(options: {
  readonly startMs: EpochMs
  readonly founders: readonly Address[]
}): Promise<TestChain> {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-test-chain-'))
  const clock = standingClock(options.startMs - 4 * 3_600_000)
  const timestampS = clock.ms / 1000 - 3600
  const anvil = await startAnvil({ dir, chainId: testChainId, timestampS })
  const signer = await testSigner('operator')
  const connected = await connectChain({
    ...{ url: anvil.url, signer, followClock: clock },
    ...{ journal: memoryJournal(), artifacts: wattproofArtifacts },
  })
  const addresses = await deployContracts(connected, {
    guardian: signer.address,
    founders: options.founders.map((address) => ({ address, stakeMicros: testStakeMicros })),
    genesisPeriods: 8,
    challengeWindowS: testWindowS,
    unbondingS: 2 * testWindowS,
    fundMicros: 1_000_000_000,
  })
  const chain = openEthersChain(connected, addresses)
  return {
    ...{ url: anvil.url, clock, chain, addresses },
    ...settlementSteps(chain, clock),
    read: (call, at) => readCall(connected, call, at),
    async stop() {
      await chain.close()
      await anvil.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The same key for the same name on every machine. */
export function testSigner(name: string): Promise<Signer> {
  return openSigner({ privateKey: keccakOfText(`a key for tests: ${name}`) })
}

function settlementSteps(chain: Chain, clock: { ms: EpochMs }) {
  const send = (contract: 'BaselineCommitment' | 'SettlementAnchor', method: string) => {
    return async (...args: unknown[]) => {
      const once = `${method} ${keccakOfText(toJson(args)).slice(0, 18)}`
      await chain.send({ contract, method, args, once })
    }
  }
  return {
    async propose({ header, published }: BuildSettlementReturnType): Promise<number> {
      const { startMs, endMs } = published.event
      const { eventHash, baselinesRoot, revision } = header
      await send('BaselineCommitment', 'commit')(eventHash, startMs / 1000, baselinesRoot)
      clock.ms = Math.max(clock.ms, endMs)
      await send('SettlementAnchor', 'propose')(header)
      const args = [eventHash, revision]
      return Number(
        await chain.read<bigint>({ contract: 'SettlementAnchor', method: 'periodOf', args }),
      )
    },
    attest: (settlementNumber: number, signatures: readonly Hex32[]) =>
      send('SettlementAnchor', 'attest')(settlementNumber, signatures),
    async finalize(settlementNumber: number): Promise<void> {
      clock.ms += 2 * testWindowS * 1000
      await send('SettlementAnchor', 'finalize')(settlementNumber)
    },
  }
}
