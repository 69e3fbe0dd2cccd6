import type { Address, EventId, Hex32, MeterId } from './ids.ts'
import type { EpochMs } from './time.ts'
import type { EnergyMwh, MoneyMicros } from './units.ts'

/** One interval of one member of an event. */
export type SettledInterval = {
  readonly startMs: EpochMs
  readonly durationS: number
  readonly metered: EnergyMwh
  readonly baseline: EnergyMwh
  readonly ordered: EnergyMwh
  readonly delivered: EnergyMwh
  readonly deficiency: EnergyMwh
  readonly incentive: MoneyMicros
  readonly fee: MoneyMicros
}

/** Earnings of one member of one event: one leaf of the settlement's tree. */
export type SettlementLine = {
  readonly index: number
  readonly meter: MeterId
  readonly account: Address
  /** Balance of the account before this line. */
  readonly before: AccountBalance
  readonly intervals: readonly SettledInterval[]
  readonly delivered: EnergyMwh
  readonly deficiency: EnergyMwh
  readonly incentive: MoneyMicros
  readonly fee: MoneyMicros
  /** Starts of intervals without a reading or a baseline: neither delivered nor deficient. */
  readonly missing: readonly EpochMs[]
  /** Net of earlier revisions of the event; zero in the first. */
  readonly settledBefore: MoneyMicros
  /** Incentive minus fee minus `settledBefore`; negative when the fee is larger. */
  readonly net: MoneyMicros
  /** Payment by the vault for this line after netting off older fees; never negative. */
  readonly pay: MoneyMicros
  /** Fees not yet netted off, carried to the account's next event. */
  readonly debtAfter: MoneyMicros
  /** Cumulative entitlement of the account, including this line. */
  readonly entitled: MoneyMicros
  /** Sum of `pay` over lines 0 … index. */
  readonly payPrefix: MoneyMicros
}

/** A line as validators see it: everything that is hashed, without the owner's identity. */
export type AnonymousLine = Omit<SettlementLine, 'meter'>

/** Balance of one account before an event. */
export type AccountBalance = { readonly entitled: MoneyMicros; readonly debt: MoneyMicros }

/** Places of the log: by partition the first offset that is left out. */
export type LogPlaces = readonly number[]

/**
 * As of which places of the log a settlement was computed. The same places give the same root,
 * whatever was said since; they are named beside the leaves and are in none.
 */
export type SettledAsOf = {
  /** Places of the baselines that were committed before the start. */
  readonly baselines: LogPlaces
  /** Places of the readings in the event. */
  readonly readings: LogPlaces
}

export type Settlement = {
  readonly eventId: EventId
  readonly revision: number
  readonly lines: readonly SettlementLine[]
  readonly delivered: EnergyMwh
  readonly deficiency: EnergyMwh
  readonly pay: MoneyMicros
  readonly fee: MoneyMicros
}

/** What validators sign and the anchor stores, one per settlement; in the order of EIP-712. */
export type Header = {
  /** keccak256 of the event's id. */
  readonly eventHash: Hex32
  readonly revision: number
  readonly root: Hex32
  readonly inputsRoot: Hex32
  readonly baselinesRoot: Hex32
  readonly speedRoot: Hex32
  readonly leafCount: number
  readonly totalPay: MoneyMicros
  readonly totalFee: MoneyMicros
  readonly termsHash: Hex32
}

/** EIP-712 type of `Header`; its domain is chain and anchor, `period` the settlement number. */
export const headerTypes = {
  Settlement: [
    { name: 'period', type: 'uint256' },
    { name: 'eventHash', type: 'bytes32' },
    { name: 'revision', type: 'uint32' },
    { name: 'root', type: 'bytes32' },
    { name: 'inputsRoot', type: 'bytes32' },
    { name: 'baselinesRoot', type: 'bytes32' },
    { name: 'speedRoot', type: 'bytes32' },
    { name: 'leafCount', type: 'uint32' },
    { name: 'totalPay', type: 'uint256' },
    { name: 'totalFee', type: 'uint256' },
    { name: 'termsHash', type: 'bytes32' },
  ],
} as const
