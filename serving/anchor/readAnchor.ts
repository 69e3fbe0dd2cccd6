import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Header } from '../../schemas/settlement.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { moneyMicros } from '../../schemas/units.ts'
import type { Commitment } from '../settlement/refuseCommitment.ts'

const states = ['none', 'proposed', 'attested', 'final', 'rejected'] as const

/** The state of a settlement on chain. */
export type AnchorState = (typeof states)[number]

export type SettlementInfo = {
  readonly state: AnchorState
  readonly stakeFor: bigint
  readonly stakeAgainst: bigint
  readonly stakeTotal: bigint
  /** Each of the three is 0 until there is one. */
  readonly proposedMs: EpochMs
  readonly attestedMs: EpochMs
  readonly challengeEndsMs: EpochMs
}

/** The reading part of `Chain`. */
export type Reads = Pick<Chain, 'read'>

const zeroHex32 = `0x${'00'.repeat(32)}`

/** The committed root of an event's baselines; null before it is committed. */
export async function readCommitment(chain: Reads, eventHash: Hex32): Promise<Commitment | null> {
  const { root, startS, committedAtS } = await chain.read<RawCommitment>({
    contract: 'BaselineCommitment',
    method: 'commitmentOf',
    args: [eventHash],
  })
  if (root === zeroHex32) return null
  return { root, startS: Number(startS), committedAtS: Number(committedAtS) }
}

/** A settlement's number in the anchor, its `period`; null before it was proposed. */
export async function readSettlementNumber(
  chain: Reads,
  eventHash: Hex32,
  revision: number,
): Promise<number | null> {
  const number = Number(await readAnchor<bigint>(chain, 'periodOf', [eventHash, revision]))
  return number === 0 ? null : number
}

export async function readSettlementCount(chain: Reads): Promise<number> {
  return Number(await readAnchor<bigint>(chain, 'periodCount', []))
}

export async function readInfo(chain: Reads, settlementNumber: number): Promise<SettlementInfo> {
  const info = await readAnchor<RawInfo>(chain, 'infoOf', [settlementNumber])
  return {
    state: states[Number(info.state)] ?? 'none',
    stakeFor: info.stakeFor ?? 0n,
    stakeAgainst: info.stakeAgainst ?? 0n,
    stakeTotal: info.stakeTotal ?? 0n,
    proposedMs: Number(info.proposedAtS ?? 0) * 1000,
    attestedMs: Number(info.attestedAtS ?? 0) * 1000,
    challengeEndsMs: Number(info.challengeEndsS ?? 0) * 1000,
  }
}

/** The header as the anchor stores it; all zeros for a settlement that was never proposed. */
export async function readHeader(chain: Reads, settlementNumber: number): Promise<Header> {
  const header = await readAnchor<RawHeader>(chain, 'headerOf', [settlementNumber])
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

export function readHasAttested(chain: Reads, settlementNumber: number, validator: Address) {
  return readAnchor<boolean>(chain, 'hasAttested', [settlementNumber, validator])
}

type RawCommitment = {
  readonly root: Hex32
  readonly startS: bigint
  readonly committedAtS: bigint
}

type RawInfo = Readonly<Record<string, bigint>>

type RawHeader = Readonly<
  Record<'eventHash' | 'root' | 'inputsRoot' | 'baselinesRoot' | 'speedRoot' | 'termsHash', Hex32> &
    Record<'revision' | 'leafCount' | 'totalPay' | 'totalFee', bigint>
>

function readAnchor<T>(chain: Reads, method: string, args: readonly unknown[]): Promise<T> {
  return chain.read<T>({ contract: 'SettlementAnchor', method, args })
}
