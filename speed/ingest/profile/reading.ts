import type { Quality } from '../../../schemas/reading/reading.ts'
import type { RegisterRule } from '../../../schemas/reading/register.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import type { Refusal } from '../refusal.ts'
import type { Register } from '../register/meterExchange.ts'
import type { Evidence, TableProfile } from '../table/table.ts'
import type { ZoneTaken } from './chooseZone.ts'
import type { Step } from './findStep.ts'
import type { Profile } from './profileShape.ts'

/** How much a word counts: a machine's estimate, what the source says, an operator's. */
export type Standing = 'fill' | 'stated' | 'held'

/** A reading with the place in the file that it comes from. */
export type ProfiledReading = {
  readonly meter: string
  readonly startMs: EpochMs
  readonly durationS: number
  /** Its stamp has no offset of its own. */
  readonly isLocal: boolean
  /** Signed: what is fed in is negative. */
  readonly energyMwh: bigint
  readonly powerW: number | null
  readonly reactiveVar: number | null
  readonly quality: Quality
  readonly standing: Standing
  readonly revision: number | null
  readonly saidAtMs: EpochMs | null
  /** The interval is said to be missing; its energy is 0 and means nothing. */
  readonly isVoid: boolean
  readonly line: number
  readonly column: string | null
  /** The cell as it is written. */
  readonly value: string
  readonly original: Uint8Array
}

/** Why a cell is no reading, and what to do. */
export type ProfiledRefusal = Refusal & {
  readonly line: number
  readonly column: string | null
  readonly value: string
  readonly original: Uint8Array
  /** All cells of its row; none where the row could not be cut into cells. */
  readonly cells: readonly string[]
}

/** The line from which on rows are of another table, and why they are refused. */
export type OtherTable = Refusal & { readonly line: number }

/** Why a cell is neither a reading nor wrong. */
export const gapKinds = [
  'empty-cell',
  /** A word for no value, such as NA. */
  'word',
  'first-register',
  'register-gap',
  'repeated-register',
  /** The registers of two meters: what each counted is not known. */
  'meter-exchange',
] as const
export type GapKind = (typeof gapKinds)[number]
export type GapCounts = Readonly<Partial<Record<GapKind, number>>>

/** A cell that is neither a reading nor wrong. */
export type ProfiledGap = {
  readonly line: number
  readonly column: string | null
  readonly meter: string
  readonly why: GapKind
  /** The energy over a register-gap, which is known where that of its intervals is not. */
  readonly total: RegisterTotal | null
}

export type RegisterTotal = {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly energyMwh: bigint
}

/** By meter, its registers in the parts of the file before this one. */
export type CarriedRegisters = ReadonlyMap<string, CarriedRegister>

export type CarriedRegister = {
  /** The first register of the whole file. */
  readonly first: Register
  /** Those that count, in the order of time: as many as show that the last of them are a spike. */
  readonly last: readonly Register[]
  readonly step: Step | null
}

export type SeriesUnderstood = {
  readonly meter: string
  /** Null where the file gives each row its own length, or has one row. */
  readonly stepS: number | null
  /** Intervals are local days of 23 to 25 hours. */
  readonly isLocalDay: boolean
  readonly readings: number
  readonly firstMs: EpochMs
  /** End of the last interval. */
  readonly lastMs: EpochMs
  /** The sum of the values that count: the last one, where an interval has several. */
  readonly sumMwh: bigint
  /** Intervals between the first and the last without a reading. */
  readonly missing: number
  readonly registers: { readonly first: Register; readonly last: Register } | null
}

/** One interval that the file says twice, with other values: the later line counts. */
export type Conflict = {
  readonly meter: string
  readonly startMs: EpochMs
  readonly lines: readonly number[]
  readonly energiesMwh: readonly bigint[]
}

export type Understood = {
  readonly evidence: readonly Evidence[]
  readonly layout: 'tidy' | 'wide' | 'days'
  readonly zone: string
  readonly series: readonly SeriesUnderstood[]
  readonly conflicts: readonly Conflict[]
  /** Rows that repeat an earlier one, value and all. */
  readonly repeats: number
}

export type ProfileOutcome = {
  readonly understood: Understood
  readonly readings: readonly ProfiledReading[]
  readonly refusals: readonly ProfiledRefusal[]
  readonly gaps: readonly ProfiledGap[]
  /** Null where each stamp says its own offset. */
  readonly zone: ZoneTaken | null
  /** Cells of values: `readings + refusals + gaps`. */
  readonly cells: number
  readonly header: readonly string[]
  readonly headerLine: number | null
  /** With what was detected in it: what reads one cell of the file when it is alone. */
  readonly pinned: PinnedProfile
  /** How another part of the file is cut into rows. */
  readonly table: TableProfile
  /** The registers of a file that has them, before they are differenced. */
  readonly said: ProfiledRegisters | null
  /** Another table below this one, whose rows are refused, in later parts of the file too. */
  readonly otherTable: OtherTable | null
  /** See `differenceRegisters.ts`. */
  readonly carriedTo: (line: number) => CarriedRegisters
}

/** Registers before they are differenced: a reading is at its instant, its energy is its value. */
export type ProfiledRegisters = Pick<ProfileOutcome, 'readings' | 'refusals' | 'gaps'> & {
  readonly ruleOf: (meter: string) => RegisterRule
  readonly stepOf: (meter: string) => Step | null
}

/** See `pinProfile.ts`. */
export type PinnedProfile = {
  readonly profile: Profile
  /** What a column is called where it is alone. */
  readonly nameAlone: (name: string) => string
  /** What a column has to be said to be where the names beside it are not there. */
  readonly columnsAlone: (name: string) => Profile['columns']
  /** The columns that say what the values of a column are worth. */
  readonly statusBeside: (name: string) => readonly number[]
  /** The columns that a cell needs beside its own. */
  readonly shared: readonly number[]
}
