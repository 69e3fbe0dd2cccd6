import { keccakOfText } from '../../schemas/hash.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain, ContractEvent } from '../../schemas/ports/chain.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Header } from '../../schemas/settlement.ts'
import type { RowOf } from '../../schemas/sql/catalogue.ts'
import { isoUtc } from '../../schemas/time.ts'
import { wholeNumber } from '../merge/toCells.ts'
import { createValidatorReader, type StakedValidator } from './readValidators.ts'
import { remember } from './remember.ts'
import { type Anchor, type Anchors, anchorStates, type Validators } from './shapes/chain.ts'

/** Periods and validators as the contracts have them. */
export type ChainReader = {
  /** Newest period first. */
  anchors(): Promise<Anchors>
  validators(): Promise<Validators>
}

export type ChainReaderPorts = { readonly chain: Chain; readonly views: Views }

/** Why a validator refuses may state a single home's readings: that is told with the token only. */
export function withoutRefusals(anchors: readonly Anchor[]): Anchor[] {
  return anchors.map((anchor) => ({
    ...anchor,
    attestations: anchor.attestations.map(({ refusal: _, ...told }) => told),
  }))
}

/** How long an answer of the chain serves. */
const freshness = { freshMs: 500 } as const
/** Blocks whose transactions are listed; a node limits the span it is asked for. */
const blocksBack = 50_000

export function createChainReader(
  ports: ChainReaderPorts,
  options: { readonly periodsMax: number },
): ChainReader {
  const staked = remember(freshness, createValidatorReader(ports.chain))
  const described = new Map<number, { key: string; anchor: Anchor }>()
  return {
    validators: remember(freshness, async () => describeValidators(await staked())),
    anchors: remember(freshness, async () => {
      const [identity, raw, transactions] = await Promise.all([
        ports.chain.identity(),
        readPeriods(ports, options.periodsMax),
        listTransactions(ports),
      ])
      const stale = raw.filter((each) => described.get(each.period)?.key !== keyOf(each))
      if (stale.length > 0) {
        const names = await listEventNames(ports.views)
        const accounts = (await staked()).map(({ validator }) => validator)
        for (const each of stale) {
          const anchor = await describePeriod(ports, each, { accounts, names })
          described.set(each.period, { key: keyOf(each), anchor })
        }
      }
      // Their gas is written down after they are mined, when the period is described already.
      const anchors = raw.map(({ period }) => ({
        ...described.get(period)!.anchor,
        transactions: transactions
          .filter((each) => each.period === period)
          .map(({ period: _, ...transaction }) => transaction),
      }))
      return { chainId: identity.chainId, contracts: { ...identity.contracts }, anchors }
    }),
  }
}

/** Changes with whatever a description is made from. */
function keyOf({ info, said }: RawPeriod): string {
  const signed = said.filter(({ signature }) => signature !== null).length
  return [info.state, info.stakeFor, info.stakeAgainst, said.length, signed].join('/')
}

async function readPeriods(ports: ChainReaderPorts, periodsMax: number): Promise<RawPeriod[]> {
  const count = await ports.chain.read<bigint>({
    contract: 'SettlementAnchor',
    method: 'periodCount',
    args: [],
  })
  const newest = Number(count)
  const length = Math.min(newest, periodsMax)
  return Promise.all(Array.from({ length }, (_, index) => readPeriod(ports, newest - index)))
}

async function listEventNames(views: Views): Promise<ReadonlyMap<string, string>> {
  const events = await views.query('view_events', allEvents)
  return new Map(events.map(({ event_id }) => [keccakOfText(event_id), event_id]))
}

const allEvents = { event: '', from_ms: 0, to_ms: 8_640_000_000_000, limit: 10_000 } as const

type PeriodInfo = {
  readonly state: bigint
  readonly stakeFor: bigint
  readonly stakeAgainst: bigint
  readonly stakeTotal: bigint
  readonly proposedAtS: bigint
  readonly attestedAtS: bigint
  readonly challengeEndsS: bigint
}

type RawPeriod = {
  readonly period: number
  readonly info: PeriodInfo
  readonly said: readonly RowOf<'verdicts_of'>[]
}

async function readPeriod({ chain, views }: ChainReaderPorts, period: number): Promise<RawPeriod> {
  const [info, said] = await Promise.all([
    chain.read<PeriodInfo>({ contract: 'SettlementAnchor', method: 'infoOf', args: [period] }),
    views.query('verdicts_of', { period }),
  ])
  return { period, info, said }
}

type Surroundings = {
  readonly accounts: readonly Address[]
  readonly names: ReadonlyMap<string, string>
}

type PeriodTransaction = Anchor['transactions'][number] & { readonly period: number }

async function describePeriod(
  ports: ChainReaderPorts,
  { period, info, said }: RawPeriod,
  { accounts, names }: Surroundings,
): Promise<Anchor> {
  const [header, earned, attestations] = await Promise.all([
    ports.chain.read<Header>({ contract: 'SettlementAnchor', method: 'headerOf', args: [period] }),
    ports.chain.read<bigint>({
      contract: 'ValidatorRegistry',
      method: 'totalEarnedAt',
      args: [period],
    }),
    listAttestations(ports.chain, period, { said, accounts }),
  ])
  return {
    period,
    state: anchorStates[Number(info.state) - 1] ?? 'proposed',
    eventId: names.get(header.eventHash) ?? null,
    revision: Number(header.revision),
    root: header.root,
    inputsRoot: header.inputsRoot,
    baselinesRoot: header.baselinesRoot,
    speedRoot: header.speedRoot,
    leafCount: Number(header.leafCount),
    totalPayMicros: wholeNumber(header.totalPay),
    totalFeeMicros: wholeNumber(header.totalFee),
    stakeForMicros: wholeNumber(info.stakeFor),
    stakeAgainstMicros: wholeNumber(info.stakeAgainst),
    stakeTotalMicros: wholeNumber(info.stakeTotal),
    earnedStakeShare: shareOf(earned, info.stakeTotal),
    proposed: isoUtc(Number(info.proposedAtS) * 1000),
    attested: instantOrNull(info.attestedAtS),
    challengeEnds: instantOrNull(info.challengeEndsS),
    attestations,
    transactions: [],
  }
}

/** Everybody with stake in the period or with something to say about it. */
async function listAttestations(
  chain: Chain,
  period: number,
  { said, accounts }: { said: readonly RowOf<'verdicts_of'>[]; accounts: readonly Address[] },
): Promise<Anchor['attestations']> {
  const verdicts = new Map(said.map((each) => [each.validator, each]))
  const everybody = [...new Set([...accounts, ...verdicts.keys()])].sort()
  const found = await Promise.all(
    everybody.map(async (validator) => {
      const [stake, isOnChain] = await Promise.all([
        chain.read<bigint>({
          contract: 'ValidatorRegistry',
          method: 'stakeAt',
          args: [validator, period],
        }),
        chain.read<boolean>({
          contract: 'SettlementAnchor',
          method: 'hasAttested',
          args: [period, validator],
        }),
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

/** What happened to periods on chain, with the gas of those transactions that we sent. */
async function listTransactions({ chain, views }: ChainReaderPorts): Promise<PeriodTransaction[]> {
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
): PeriodTransaction[] {
  if (event.args.period === undefined) return []
  return [
    {
      period: Number(event.args.period),
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
    quorumMicros: wholeNumber((2n * total + 2n) / 3n),
  }
}

/** For the eye: six digits. */
function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000
}

function instantOrNull(seconds: bigint): string | null {
  return seconds === 0n ? null : isoUtc(Number(seconds) * 1000)
}
