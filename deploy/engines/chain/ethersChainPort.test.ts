import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describeChain } from '../../../schemas/conformance/chain.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import { startAnvil } from '../../testing/startAnvil.ts'
import { deployContracts } from './deployContracts.ts'
import { connectChain, openEthersChain } from './ethersChain.ts'
import { wattproofArtifacts } from './ethersChainArtifacts.ts'
import { fileJournal } from './ethersChainJournal.ts'
import { openSigner } from './ethersChainSigner.ts'

const nowS = 1_360_000_000
const clock = {
  nowMs: () => nowS * 1000,
  elapsedMs: () => performance.now(),
  sleep: async () => {},
}
const operator = { privateKey: `0x${'11'.repeat(32)}` as Hex32 }

describeChain('anvil through ethers', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-chain-port-'))
  const anvil = await startAnvil({ dir, chainId: 31_337, timestampS: nowS })
  const open = async () => {
    const connected = await connectChain({
      url: anvil.url,
      signer: await openSigner(operator),
      journal: fileJournal(path.join(dir, 'journal.jsonl')),
      artifacts: wattproofArtifacts,
      followClock: clock,
    })
    const addresses = await deployContracts(connected, {
      guardian: `0x${'ee'.repeat(20)}` as Address,
      founders: [{ address: `0x${'aa'.repeat(20)}` as Address, stakeMicros: 1 }],
      genesisPeriods: 8,
      challengeWindowS: 3_600,
      unbondingS: 7_200,
      fundMicros: 0,
    })
    return openEthersChain(connected, addresses)
  }
  const stop = async () => {
    await anvil.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return { open, stop }
})
