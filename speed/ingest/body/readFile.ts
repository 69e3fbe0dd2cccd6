import type { Reading } from '../../../schemas/reading/reading.ts'
import type { RegisterRead } from '../../../schemas/reading/register.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { isRefusal } from '../judgeDraft.ts'
import { type EnrolledZones, evidenceOfTaken, type ZoneTaken } from '../profile/chooseZone.ts'
import type { Step } from '../profile/findStep.ts'
import type { Profile } from '../profile/profileShape.ts'
import type {
  CarriedRegisters,
  OtherTable,
  RegisterTotal,
  SeriesUnderstood,
  Understood,
} from '../profile/reading.ts'
import { readWithProfile } from '../profile/readWithProfile.ts'
import { refusePower } from '../profile/refusePower.ts'
import { type Summarized, summarize } from '../profile/summarize.ts'
import type { Refusal } from '../refusal.ts'
import { isExactlyTidy, itemsOfExact } from './exactFile.ts'
import { judgeRow } from './judgeRow.ts'
import type { Gap, RawItem, RawRow } from './rawRow.ts'
import { profileOfRegisterFile } from './registerFile.ts'
import { itemsOfOutcome, withRegisters } from './rowsOfProfile.ts'

/** A row or cell with what it is, by the judge of the API. */
export type FileRow = { readonly row: RawRow; readonly outcome: Reading | RegisterRead | Refusal }

export type FileRead = {
  /** In the order of the file. */
  readonly rows: readonly FileRow[]
  readonly gaps: readonly Gap[]
  /**
   * What is sent instead of a file of registers: the registers themselves, to be differenced with
   * those of other files.
   */
  readonly said: Pick<FileRead, 'rows' | 'gaps'> | null
  readonly understood: Understood
  /** Null where no zone is said and each stamp has an offset. */
  readonly zone: ZoneTaken | null
  /** Energies of several intervals, known from registers. */
  readonly totals: readonly (RegisterTotal & { readonly meter: string; readonly line: number })[]
  /** A profile that reads other parts of the same file in the same way. */
  readonly pinned: Profile
  /** Null where no line names the columns. */
  readonly headerLine: number | null
  /** From a line on, whose rows are refused: those of the next part, too. */
  readonly otherTable: OtherTable | null
  /** The registers up to a line, which go before another part of the file. */
  readonly carriedTo: (line: number) => CarriedRegisters
  /** By meter, of some of the rows. */
  readonly summaryOf: (rows: readonly FileRow[]) => ReturnType<typeof summarize>
}

export type ReadFileOptions = {
  readonly profile: Profile
  readonly nowMs: EpochMs
  /** Registers of the parts before this one. */
  readonly carried?: CarriedRegisters | undefined
  /** Not the whole file. */
  readonly isPart?: boolean | undefined
  /** Where a part before this one ends with rows of another table. */
  readonly otherTable?: OtherTable | null | undefined
  /** For stamps without an offset where no zone is said. */
  readonly enrolled?: EnrolledZones | undefined
}

/**
 * A file, or a part of one with its header: exactly tidy rows one by one, any other table by its
 * profile. What would be refused by the API is refused here, except for meters that it does not
 * know.
 *
 * @throws InvalidArgumentError where the file as a whole cannot be read.
 */
export function readFile(bytes: Uint8Array, options: ReadFileOptions): FileRead {
  const { nowMs, carried, otherTable, enrolled, isPart } = options
  const profile = profileOfRegisterFile(bytes, options.profile) ?? options.profile
  if (isExactlyTidy(bytes, profile)) return readExact(bytes, options)
  const outcome = readWithProfile(bytes, profile, { carried, otherTable, enrolled, isPart })
  const { rows, gaps } = judge(itemsOfOutcome(outcome), nowMs)
  const { understood, table, pinned, headerLine, zone } = outcome
  const series = new Map(understood.series.map((each) => [each.meter, each]))
  const stepOf = (meter: string): Step | null => {
    const { stepS = null, isLocalDay = false } = series.get(meter) ?? {}
    return stepS === null ? null : { stepS, isLocalDay }
  }
  const registers = new Map<string, NonNullable<SeriesUnderstood['registers']>>()
  for (const each of series.values()) if (each.registers) registers.set(each.meter, each.registers)
  const summaryOf = (own: readonly FileRow[]) => summarize(readingsOf(own), { stepOf, registers })
  const isWhole = rows.every(({ outcome: each }) => !isRefusal(each))
  return {
    ...{ rows, gaps, headerLine, zone, summaryOf, carriedTo: outcome.carriedTo },
    otherTable: outcome.otherTable,
    said: outcome.said && judge(itemsOfOutcome(withRegisters(outcome)), nowMs),
    understood: isWhole ? understood : { ...understood, ...summaryOf(rows) },
    totals: outcome.gaps.flatMap(({ total, meter, line }) => {
      return total === null ? [] : [{ ...total, meter, line }]
    }),
    pinned: { ...pinned.profile, ...table },
  }
}

function readExact(bytes: Uint8Array, { profile, nowMs, enrolled }: ReadFileOptions): FileRead {
  const { items, format, headerLine, zone } = itemsOfExact(bytes, profile, enrolled)
  const { rows, gaps } = judge(items, nowMs)
  refusePower(poweredOf(rows))
  const steps = new Map<string, Step>()
  for (const { outcome } of rows) {
    if (isRefusal(outcome) || 'atMs' in outcome || steps.has(outcome.meter)) continue
    steps.set(outcome.meter, { stepS: outcome.durationS, isLocalDay: false })
  }
  const stepOf = (meter: string) => steps.get(meter) ?? null
  const summaryOf = (own: readonly FileRow[]) => {
    return summarize(readingsOf(own), { stepOf, registers: new Map() })
  }
  const why = 'it has the names of a reading: meter, start, duration_s, energy_wh …'
  const layout = { field: 'layout', value: `tidy ${format}`, why }
  const evidence = zone === null ? [layout] : [layout, evidenceOfTaken(zone)]
  return {
    ...{ rows, gaps, headerLine, zone, summaryOf, pinned: profile, totals: [], said: null },
    ...{ carriedTo: () => new Map(), otherTable: null },
    understood: { evidence, layout: 'tidy', zone: zone?.name ?? 'UTC', ...summaryOf(rows) },
  }
}

function judge(items: Iterable<RawItem>, nowMs: EpochMs) {
  const rows: FileRow[] = []
  const gaps: Gap[] = []
  for (const item of items) {
    if ('gaps' in item) {
      for (const gap of item.gaps) gaps.push(gap)
      continue
    }
    rows.push({ row: item, outcome: judgeRow(item, nowMs) })
  }
  return { rows, gaps }
}

function* poweredOf(rows: readonly FileRow[]) {
  for (const { row, outcome } of rows) {
    if (isRefusal(outcome) || 'atMs' in outcome || outcome.isVoid) continue
    const { durationS, energyMwh, powerW } = outcome
    yield { durationS, energyMwh: BigInt(energyMwh), powerW, line: row.place.line }
  }
}

function readingsOf(rows: readonly FileRow[]): Summarized[] {
  const readings: Summarized[] = []
  for (const { row, outcome } of rows) {
    if (isRefusal(outcome) || 'atMs' in outcome) continue
    const { meter, startMs, durationS, revision, standing, saidAtMs, isVoid } = outcome
    const energyMwh = BigInt(outcome.energyMwh)
    const { line } = row.place
    const word = { revision, standing, saidAtMs, isVoid, line }
    readings.push({ meter, startMs, durationS, energyMwh, ...word })
  }
  return readings
}
