import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Header } from '../../schemas/settlement.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { moneyMicros } from '../../schemas/units.ts'

const states = ['none', 'proposed', 'attested', 'final', 'rejected'] as const

/** How far the chain says a settlement has come. */
export type AnchorState = (typeof states)[number]

export type PeriodInfo = {
  readonly state: AnchorState
  readonly stakeFor: bigint
  readonly stakeAgainst: bigint
  readonly stakeTotal: bigint
  readonly challengeEndsMs: EpochMs
}

type Reads = Pick<Chain, 'read'>

const zeroHex32 = `0x${'00'.repeat(32)}`

/** The root of an event's baselines on the chain; null before there is one. */
export async function readCommitment(chain: Reads, eventHash: Hex32): Promise<Hex32 | null> {
  const call = {
    contract: 'BaselineCommitment',
    method: 'commitmentOf',
    args: [eventHash],
  } as const
  const { root } = await chain.read<{ root: Hex32 }>(call)
  return root === zeroHex32 ? null : root
}

/** The anchor's number of a settlement; null before it was proposed. */
export async function readPeriod(
  chain: Reads,
  eventHash: Hex32,
  revision: number,
): Promise<number | null> {
  const period = Number(await readAnchor<bigint>(chain, 'periodOf', [eventHash, revision]))
  return period === 0 ? null : period
}

export async function readInfo(chain: Reads, period: number): Promise<PeriodInfo> {
  const info = await readAnchor<Readonly<Record<string, bigint>>>(chain, 'infoOf', [period])
  return {
    state: states[Number(info.state)] ?? 'none',
    stakeFor: info.stakeFor ?? 0n,
    stakeAgainst: info.stakeAgainst ?? 0n,
    stakeTotal: info.stakeTotal ?? 0n,
    challengeEndsMs: Number(info.challengeEndsS ?? 0) * 1000,
  }
}

export async function readPeriodCount(chain: Chain): Promise<number> {
  return Number(await readAnchor<bigint>(chain, 'periodCount', []))
}

/** The header as the anchor has it; of a period that was never proposed, all zeros. */
export async function readHeader(chain: Reads, period: number): Promise<Header> {
  const header = await readAnchor<RawHeader>(chain, 'headerOf', [period])
  return {
    eventHash: header.eventHash,
    revision: Number(header.revision),
    root: header.root,
    inputsRoot: header.inputsRoot,
    baselinesRoot: header.baselinesRoot,
    speedRoot: header.speedRoot,
    leafCount: Number(header.leafCount),
    totalPay: moneyMicros(header.totalPay),
    totalFee: moneyMicros(header.totalFee),
    termsHash: header.termsHash,
  }
}

export function readHasAttested(chain: Reads, period: number, validator: Address) {
  return readAnchor<boolean>(chain, 'hasAttested', [period, validator])
}

/** Stake a validator has in one period, micros. */
export function readStakeAt(chain: Reads, period: number, validator: Address): Promise<bigint> {
  return chain.read({
    contract: 'ValidatorRegistry',
    method: 'stakeAt',
    args: [validator, period],
  })
}

/** All an account was ever paid, micros. */
export function readClaimed(chain: Reads, account: Address): Promise<bigint> {
  return chain.read({ contract: 'IncentiveVault', method: 'claimed', args: [account] })
}

type RawHeader = Readonly<
  Record<'eventHash' | 'root' | 'inputsRoot' | 'baselinesRoot' | 'speedRoot' | 'termsHash', Hex32> &
    Record<'revision' | 'leafCount' | 'totalPay' | 'totalFee', bigint>
>

function readAnchor<T>(chain: Reads, method: string, args: readonly unknown[]): Promise<T> {
  return chain.read<T>({ contract: 'SettlementAnchor', method, args })
}
