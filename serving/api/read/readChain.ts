import { keccakOfText } from '../../../schemas/hash.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import type { Chain, ContractEvent } from '../../../schemas/ports/chain.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { type EpochMs, isoUtc } from '../../../schemas/time.ts'
import {
  readHasAttested,
  readHeader,
  readInfo,
  readSettlementCount,
  type SettlementInfo,
} from '../../anchor/readAnchor.ts'
import { readEarnedAt, readStakeAt } from '../../anchor/readStakes.ts'
import { createValidatorReader, type StakedValidator } from '../../anchor/readValidators.ts'
import { wholeNumber } from '../../merge/toCells.ts'
import { quorumOf } from '../../settlement/quorum.ts'
import type { Anchor, Anchors, Validators } from '../../shapes/chain.ts'
import type { EventReader } from '../../store/readEvents.ts'
import type { ValidatorVerdict } from '../../store/validatorVerdict.ts'
import { remember } from '../http/remember.ts'

/** Settlements and validators as stored in the contracts. */
export type ChainReader = {
  /** Newest settlement first. */
  anchors(): Promise<Anchors>
  validators(): Promise<Validators>
}

export type ChainReaderPorts = {
  readonly chain: Chain
  readonly views: Views
  readonly events: Pick<EventReader, 'states' | 'verdicts'>
}

/** A refusal may contain a single meter's readings, so it is shown with the token only. */
export function withoutRefusals(anchors: readonly Anchor[]): Anchor[] {
  return anchors.map((anchor) => ({
    ...anchor,
    attestations: anchor.attestations.map(({ refusal: _, ...rest }) => rest),
  }))
}

/** How long an answer of the chain is cached. */
const freshness = { freshMs: 500 } as const
/** Blocks whose transactions are listed; a node limits the block range of a query. */
const blocksBack = 50_000

export function createChainReader(
  ports: ChainReaderPorts,
  options: { readonly settlementsMax: number },
): ChainReader {
  const staked = remember(freshness, createValidatorReader(ports.chain))
  const described = new Map<number, { key: string; anchor: Anchor }>()
  return {
    validators: remember(freshness, async () => describeValidators(await staked())),
    anchors: remember(freshness, async () => {
      const [identity, raw, transactions] = await Promise.all([
        ports.chain.identity(),
        readSettlements(ports, options.settlementsMax),
        listTransactions(ports),
      ])
      const stale = raw.filter((each) => described.get(each.settlementNumber)?.key !== keyOf(each))
      if (stale.length > 0) {
        const names = await listEventNames(ports)
        const accounts = (await staked()).map(({ validator }) => validator)
        for (const each of stale) {
          const anchor = await describeAnchored(ports, each, { accounts, names })
          described.set(each.settlementNumber, { key: keyOf(each), anchor })
        }
      }
      // Their gas is recorded after they are mined, when the settlement may already be described.
      const anchors = raw.map(({ settlementNumber }) => ({
        ...described.get(settlementNumber)!.anchor,
        transactions: transactions
          .filter((each) => each.settlementNumber === settlementNumber)
          .map(({ settlementNumber: _, ...transaction }) => transaction),
      }))
      return { chainId: identity.chainId, contracts: { ...identity.contracts }, anchors }
    }),
  }
}

/** A key that changes with every input of a description. */
function keyOf({ info, verdicts }: Anchored): string {
  const signed = verdicts.filter(({ signature }) => signature !== null).length
  return [info.state, info.stakeFor, info.stakeAgainst, verdicts.length, signed].join('/')
}

async function readSettlements(
  ports: ChainReaderPorts,
  settlementsMax: number,
): Promise<Anchored[]> {
  const newest = await readSettlementCount(ports.chain)
  const length = Math.min(newest, settlementsMax)
  return Promise.all(Array.from({ length }, (_, index) => readAnchored(ports, newest - index)))
}

/** By their hashes: an anchored header has no other name of its event. */
async function listEventNames({ events }: ChainReaderPorts): Promise<ReadonlyMap<string, string>> {
  const ids = [...(await events.states()).keys()]
  return new Map(ids.map((id) => [keccakOfText(id), id]))
}

/** A settlement on the anchor, with the validators' verdicts. */
type Anchored = {
  readonly settlementNumber: number
  readonly info: SettlementInfo
  readonly verdicts: readonly ValidatorVerdict[]
}

async function readAnchored(
  { chain, events }: ChainReaderPorts,
  settlementNumber: number,
): Promise<Anchored> {
  const [info, verdicts] = await Promise.all([
    readInfo(chain, settlementNumber),
    events.verdicts(settlementNumber),
  ])
  return { settlementNumber, info, verdicts }
}

type Surroundings = {
  readonly accounts: readonly Address[]
  readonly names: ReadonlyMap<string, string>
}

type AnchorTransaction = Anchor['transactions'][number] & { readonly settlementNumber: number }

async function describeAnchored(
  { chain }: ChainReaderPorts,
  anchored: Anchored,
  { accounts, names }: Surroundings,
): Promise<Anchor> {
  const { settlementNumber, info } = anchored
  const [header, earned, attestations] = await Promise.all([
    readHeader(chain, settlementNumber),
    readEarnedAt(chain, settlementNumber),
    listAttestations(chain, anchored, accounts),
  ])
  return {
    period: settlementNumber,
    state: info.state === 'none' ? 'proposed' : info.state,
    eventId: names.get(header.eventHash) ?? null,
    revision: header.revision,
    root: header.root,
    inputsRoot: header.inputsRoot,
    baselinesRoot: header.baselinesRoot,
    speedRoot: header.speedRoot,
    leafCount: header.leafCount,
    totalPayMicros: wholeNumber(header.totalPay),
    totalFeeMicros: wholeNumber(header.totalFee),
    stakeForMicros: wholeNumber(info.stakeFor),
    stakeAgainstMicros: wholeNumber(info.stakeAgainst),
    stakeTotalMicros: wholeNumber(info.stakeTotal),
    earnedStakeShare: shareOf(earned, info.stakeTotal),
    proposed: isoUtc(info.proposedMs),
    attested: instantOrNull(info.attestedMs),
    challengeEnds: instantOrNull(info.challengeEndsMs),
    attestations,
    transactions: [],
  }
}

/** Everybody with stake in the settlement or a verdict on it. */
async function listAttestations(
  chain: Chain,
  { settlementNumber, verdicts: rows }: Anchored,
  accounts: readonly Address[],
): Promise<Anchor['attestations']> {
  const verdicts = new Map(rows.map((each) => [each.validator, each]))
  const validators = [...new Set([...accounts, ...verdicts.keys()])].sort()
  const found = await Promise.all(
    validators.map(async (validator) => {
      const [stake, isOnChain] = await Promise.all([
        readStakeAt(chain, settlementNumber, validator),
        readHasAttested(chain, settlementNumber, validator),
      ])
      const verdict = verdicts.get(validator)
      const isSigned = isOnChain || (verdict?.signature ?? null) !== null
      return {
        validator,
        verdict: isSigned ? ('signed' as const) : verdict ? ('refused' as const) : null,
        refusal: verdict?.refusal ?? null,
        stakeMicros: wholeNumber(stake),
        isOnChain,
      }
    }),
  )
  return found.filter((each) => each.stakeMicros !== 0 || each.verdict !== null)
}

/** The history of settlements on chain, with the gas of those transactions that we sent. */
async function listTransactions({ chain, views }: ChainReaderPorts): Promise<AnchorTransaction[]> {
  const [{ sender }, head] = await Promise.all([chain.identity(), chain.head()])
  const [events, sent] = await Promise.all([
    chain.events('SettlementAnchor', Math.max(0, head.number - blocksBack)),
    views.query('transactions_of', { sender }),
  ])
  const gas = new Map(sent.map(({ hash, gasUsed }) => [hash, gasUsed]))
  return events.flatMap((event) => describeTransaction(event, gas))
}

function describeTransaction(
  event: ContractEvent,
  gas: ReadonlyMap<string, number>,
): AnchorTransaction[] {
  if (event.args.period === undefined) return []
  return [
    {
      settlementNumber: Number(event.args.period),
      event: event.name,
      transaction: event.transaction as Hex32,
      block: event.block,
      gasUsed: gas.get(event.transaction) ?? null,
    },
  ]
}

function describeValidators(staked: readonly StakedValidator[]): Validators {
  const earned = staked.reduce((sum, each) => sum + each.earned, 0n)
  const total = staked.reduce((sum, each) => sum + each.earned + each.genesis, 0n)
  return {
    validators: staked.map((each) => ({
      validator: each.validator,
      earnedMicros: wholeNumber(each.earned),
      genesisMicros: wholeNumber(each.genesis),
      stakeMicros: wholeNumber(each.earned + each.genesis),
      share: shareOf(each.earned + each.genesis, total),
      isFounder: each.isFounder,
    })),
    totalMicros: wholeNumber(total),
    earnedMicros: wholeNumber(earned),
    earnedShare: shareOf(earned, total),
    quorumMicros: wholeNumber(quorumOf(total)),
  }
}

/** For display: six digits. */
function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000
}

function instantOrNull(ms: EpochMs): string | null {
  return ms === 0 ? null : isoUtc(ms)
}
