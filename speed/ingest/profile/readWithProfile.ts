import type { RegisterRule } from '../../../schemas/reading/register.ts'
import { readTable } from '../table/readTable.ts'
import type { Evidence, Table } from '../table/table.ts'
import { statusColumns } from './absentWords.ts'
import { type Cell, type CellsOfRows, cellsOfRows } from './cellsOfRows.ts'
import {
  chooseZone,
  clockOfTaken,
  type EnrolledZones,
  evidenceOfTaken,
  requireOneZone,
  type ZoneTaken,
} from './chooseZone.ts'
import { differenceRegisters, type Registers } from './differenceRegisters.ts'
import { refuseDoubtful } from './doubtfulSeries.ts'
import type { Columns } from './findColumns.ts'
import { findEnds } from './findEnds.ts'
import type { Step } from './findStep.ts'
import { pinProfile } from './pinProfile.ts'
import type { Profile } from './profileShape.ts'
import { type CellOutcome, isMissing, readCell } from './readCell.ts'
import { readHead } from './readHead.ts'
import type {
  CarriedRegisters,
  OtherTable,
  ProfiledGap,
  ProfiledReading,
  ProfiledRefusal,
  ProfiledRegisters,
  ProfileOutcome,
} from './reading.ts'
import { findNumberStyle } from './readNumber.ts'
import { findStampReader } from './readStamp.ts'
import { unitNamed } from './readUnit.ts'
import { refuseCoarse } from './refuseCoarse.ts'
import { refuseMidnights } from './refuseMidnights.ts'
import { refuseResolution } from './refuseResolution.ts'
import { evidenceOfRegisters, isRegisterAtEnd } from './registerAtEnd.ts'
import { type RuleOptions, registerRuleOf } from './registerRule.ts'
import type { StampReader } from './stamp.ts'
import { summarize } from './summarize.ts'
import { cutOf, tableProfileOf } from './tableProfile.ts'
import { type Timed, timeEntries } from './timeEntries.ts'
import { findUnits } from './valuesOf.ts'
import type { Zone } from './zone.ts'
import { checkZone } from './zoneWritten.ts'

/**
 * The readings of a file, what is refused and why, the gaps, and how the file was understood.
 *
 * Every cell of values is one of the three. What the profile does not say is detected, and the
 * evidence says from what; readings of one interval are in the order of the file, so that the later
 * one counts.
 *
 * @throws InvalidArgumentError where the file as a whole cannot be read, where something that is
 * said contradicts it, and where two answers are equally likely.
 */
export function readWithProfile(
  bytes: Uint8Array,
  given: Profile,
  { carried, enrolled, ...ofPart }: ReadOptions = {},
): ProfileOutcome {
  const table = readTable(bytes, tableProfileOf(given))
  const head = readHead(table, given)
  const { profile, named, unitSaidBy, zoneOfFile, saidZone } = head
  const { header, headerLine, delimiter } = table
  const names = { columns: head.columns, header, delimiter }
  const cellsOptions = { ...names, profile, named, ...ofPart }
  const found = cellsOfRows(table.rows(), cellsOptions)
  const { columns } = found
  const meters = found.cells.map((cell) => cell.meter)
  const zoneBy = saidZone === undefined ? zoneOfFile?.where : undefined
  const choice = chooseZone(profile.zone, meters, { ...enrolled, saidBy: zoneBy })
  const zone = clockOfTaken(choice.taken)
  const numbers = numbersOf(found, { table, profile })
  const isDecimalComma = numbers.style.decimal === ','
  const stamps = findReaders(found, {
    ...{ columns, header: table.header, profile, isDecimalComma, zone },
  })
  const isLocal = isAnyLocal(found.cells, stamps)
  if (isLocal) {
    checkZone(zoneOfFile, saidZone, { header, cells: found.cells[0]?.row.cells ?? [] })
    requireOneZone(choice)
  }
  const units = findUnits({ columns, profile, cells: found.cells, saidBy: unitSaidBy })
  const unit = unitNamed(units.evidence[0]?.value ?? '')
  const isRegister = profile.quantity === 'register'
  const end = findEnds({ columns, profile, header, texts: loneStamps(found) })
  const timing = { columns, profile, header: table.header, stamps, zone, isEnd: end.isEnd }
  const timed = timeCells(found, timing)
  if (profile.step === undefined) refuseResolution(table.preamble, timed.steps)
  const { reader } = stamps
  const seen = { columns, profile, statusOf: statusColumns(header, columns) }
  const cellOptions = { ...seen, style: numbers.style, unitOf: units.unitOf, zone, reader }
  const outcomes = found.cells.map((cell) => readCell(cell, cellOptions))
  const stepOf = (meter: string): Step | null =>
    timed.steps.get(columns.layout === 'wide' ? '' : meter) ?? null
  const rules = { profile, unit, reader, zone }
  const differenced = isRegister
    ? differenceRegisters(outcomes, { ...rules, stepOf, carried })
    : noRegisters(outcomes, stepOf)
  const said = isRegister ? saidOf(outcomes, found, { rules, differenced }) : null
  const zoneEvidence = evidenceOfZone(choice.taken, isLocal ? [] : found.cells, reader)
  const evidence = [
    ...[...noteOf(profile), ...table.evidence, ...columns.evidence, ...named.evidence],
    ...[numbers.evidence, stamps.evidence, zoneEvidence, end.evidence],
    ...[...units.evidence, ...timed.evidence, ...evidenceOfRegisters(profile)],
  ]
  const sorted = sortOut(differenced.outcomes, found.refusals)
  const { readings } = sorted
  const summary = summarize(readings, differenced)
  if (!isRegister) refuseCoarse({ columns, readings, step: stepOf(''), zone })
  const doubtful = { readings, summary, columns, header, cells: found.cells, profile }
  evidence.push(...refuseDoubtful(doubtful))
  const conflicts = [...summary.conflicts, ...differenced.conflicts]
  const understood = { evidence, layout: columns.layout, zone: zone.name, ...summary, conflicts }
  const { carriedTo } = differenced
  const pinned = pinProfile(profile, {
    ...{ columns, header, meter: named.meter, pattern: stamps.reader.pattern },
    ...{ style: numbers.style, isEnd: end.isEnd, statusOf: seen.statusOf },
  })
  const cells = found.cells.length + found.refusals.length
  return {
    ...{ understood, ...sorted, cells, header, headerLine, pinned, said, carriedTo },
    ...{ zone: isLocal ? choice.taken : null, table: cutOf(table), otherTable: found.otherTable },
  }
}

function numbersOf(
  { cells }: CellsOfRows,
  { table, profile }: { readonly table: Table; readonly profile: Profile },
) {
  return findNumberStyle({
    texts: cells.map(({ value }) => value).filter((value) => !isMissing(value, profile)),
    delimiter: table.delimiter,
    stamp: cells[0]?.entry.anchor.text ?? '',
    decimal: profile.decimal,
    thousands: profile.thousands,
  })
}

type Timing = {
  readonly columns: Columns
  readonly profile: Profile
  readonly header: readonly string[]
  readonly stamps: Readers
  readonly zone: Zone
  readonly isEnd: boolean
}

function timeCells(found: CellsOfRows, timing: Timing): Timed {
  const { columns, profile, header, stamps, zone, isEnd } = timing
  const durationAt = columns.at.duration
  refuseMidnights(found.sequences, stamps.reader)
  return timeEntries(found.sequences, {
    ...{ reader: stamps.reader, endReader: stamps.endReader, zone, isEnd },
    isRegister: profile.quantity === 'register',
    isRegisterAtEnd: isRegisterAtEnd(profile, isEnd),
    isClockOfStart: columns.layout === 'days' && isEnd,
    repeatedHour: profile.repeatedHour ?? 'order',
    stepS: profile.step,
    durationUnit: profile.durationUnit,
    durationHeader: durationAt === undefined ? null : (header[durationAt] ?? null),
  })
}

export type ReadOptions = {
  readonly cellsMax?: number
  /** Registers of the parts of the file before this one. */
  readonly carried?: CarriedRegisters | undefined
  /** For stamps without an offset where no zone is said. */
  readonly enrolled?: EnrolledZones | undefined
  /** Not the whole file: a meter that the profile names may be in another part. */
  readonly isPart?: boolean | undefined
  /** Where a part before this one ends with rows of another table. */
  readonly otherTable?: OtherTable | null | undefined
}

type Differencing = { readonly rules: RuleOptions; readonly differenced: Registers }

/** Registers as they are, for those who difference them with others. */
function saidOf(
  outcomes: readonly CellOutcome[],
  { refusals }: CellsOfRows,
  { rules, differenced }: Differencing,
): ProfiledRegisters {
  const known = new Map<string, RegisterRule>()
  const ruleOf = (meter: string): RegisterRule => {
    const rule = known.get(meter) ?? registerRuleOf(meter, rules)
    known.set(meter, rule)
    return rule
  }
  return { ...sortOut(outcomes, refusals), ruleOf, stepOf: differenced.stepOf }
}

function noRegisters(outcomes: readonly CellOutcome[], stepOf: Registers['stepOf']): Registers {
  return { outcomes, stepOf, registers: new Map(), conflicts: [], carriedTo: () => new Map() }
}

/** The note of the profile, for whoever reads the evidence. */
function noteOf({ name = 'said', note }: Profile): Evidence[] {
  return note === undefined ? [] : [{ field: 'profile', value: name, why: note }]
}

type ReaderContext = {
  readonly columns: Columns
  readonly header: readonly string[]
  readonly profile: Profile
  readonly isDecimalComma: boolean
  readonly zone: Zone
}

type Readers = {
  readonly reader: StampReader
  readonly endReader: StampReader | null
  readonly evidence: Evidence
}

/** The patterns of the stamps; those of the ends may be others. */
function findReaders(found: CellsOfRows, context: ReaderContext): Readers {
  const { columns, header, profile, isDecimalComma, zone } = context
  const entries = [...found.sequences.values()].flat()
  const at = columns.at.start ?? columns.at.date ?? columns.at.end ?? 0
  const texts = [...new Set(entries.map(({ anchor }) => anchor.text))].filter((text) => text !== '')
  const column = header[at] ?? ''
  const { reader, evidence } = findStampReader(
    { column, texts, isDecimalComma, zone },
    profile.dateFormat,
  )
  const ends = [...new Set(entries.flatMap(({ end }) => end?.text ?? []))]
  if (ends.length === 0) return { reader, endReader: null, evidence }
  const isSame = ends.some((text) => reader.read(text) !== null)
  const endColumn = header[columns.at.end ?? columns.at.endTime ?? 0] ?? ''
  const endReader = isSame
    ? reader
    : findStampReader({ column: endColumn, texts: ends, isDecimalComma, zone }, undefined).reader
  return { reader, endReader, evidence }
}

/** The stamps of rows that have a single one. */
function loneStamps({ sequences }: CellsOfRows): Set<string> {
  const texts = new Set<string>()
  for (const entries of sequences.values()) {
    for (const { anchor, end } of entries) if (end === null) texts.add(anchor.text)
  }
  return texts
}

/** Whether a stamp needs a zone. */
function isAnyLocal(cells: readonly Cell[], { reader, endReader }: Readers): boolean {
  return cells.some(({ entry: { anchor, end } }) => {
    const stamps = [reader.read(anchor.text), end && (endReader ?? reader).read(end.text)]
    return stamps.some((stamp) => stamp?.offsetMs === null)
  })
}

/** By a cell whose stamp says its own offset, where all do. */
function evidenceOfZone(taken: ZoneTaken, cells: readonly Cell[], reader: StampReader): Evidence {
  const cell = cells.find(({ entry }) => reader.read(entry.anchor.text))
  if (!cell) return evidenceOfTaken(taken)
  const why = `"${cell.entry.anchor.text}" has an offset`
  return { field: 'zone', value: 'of each stamp', why }
}

/** In the order of the file. */
function sortOut(outcomes: readonly CellOutcome[], whole: readonly ProfiledRefusal[]) {
  const readings: ProfiledReading[] = []
  const refusals: ProfiledRefusal[] = [...whole]
  const gaps: ProfiledGap[] = []
  for (const outcome of outcomes) {
    if ('reading' in outcome) readings.push(outcome.reading)
    else if ('refusal' in outcome) refusals.push(outcome.refusal)
    else gaps.push(outcome.gap)
  }
  return { readings, refusals: refusals.sort((left, right) => left.line - right.line), gaps }
}
