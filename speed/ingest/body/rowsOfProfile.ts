import { standing as standings } from '../../../schemas/reading/reading.ts'
import type { RegisterRule } from '../../../schemas/reading/register.ts'
import type { Draft } from '../draft.ts'
import { metersNamed } from '../profile/meterNames.ts'
import type { Profile } from '../profile/profileShape.ts'
import type { ProfiledReading, ProfiledRefusal, ProfileOutcome } from '../profile/reading.ts'
import { withoutUnit } from '../profile/readUnit.ts'
import { type ReadOptions, readWithProfile } from '../profile/readWithProfile.ts'
import type { RawItem, RawRow } from './rawRow.ts'
import type { ReadAs } from './readAs.ts'

/**
 * The cells of a file that is read by a profile, in its order.
 *
 * @throws InvalidArgumentError where the file as a whole cannot be read.
 */
export function* rowsOfProfile(
  body: Uint8Array,
  profile: Profile,
  options: ReadOptions,
): Generator<RawItem> {
  const outcome = readWithProfile(body, profile, options)
  yield* itemsOfOutcome(withRegisters(outcome))
}

/**
 * The same with registers as they are said, to be differenced with those of other files. Whatever
 * is no register stays what it is.
 */
export function withRegisters(outcome: ProfileOutcome): ProfileOutcome & RegistersOf {
  const { said } = outcome
  if (said === null) return outcome
  const { readings, refusals, gaps, stepOf, ruleOf } = said
  const counts = new Map<string, number>()
  for (const { meter } of readings) counts.set(meter, (counts.get(meter) ?? 0) + 1)
  const registerOf = ({ meter, isVoid }: ProfiledReading) => {
    if (isVoid) return null
    // The distance of two registers may as well be that of a gap.
    const isShown = counts.get(meter)! > 2
    return { rule: ruleOf(meter), stepS: (isShown ? stepOf(meter)?.stepS : null) ?? null }
  }
  return { ...outcome, readings, refusals, gaps, registerOf }
}

type RegisterDraft = { readonly rule: RegisterRule; readonly stepS: number | null }
type RegistersOf = { readonly registerOf?: (reading: ProfiledReading) => RegisterDraft | null }

/** Readings, refusals and gaps of a file as rows of a body. */
export function* itemsOfOutcome(outcome: ProfileOutcome & RegistersOf): Generator<RawItem> {
  const { readings, refusals, gaps, headerLine, registerOf } = outcome
  const first = (headerLine ?? 0) + 1
  const profile = profileOfCells(outcome)
  const isZoneOpen = outcome.zone?.by === 'default'
  const rows = readings.map((reading) => {
    const readAs = isZoneOpen && reading.isLocal ? readOpen : readClosed
    const row = rowOfReading(reading, first, readAs)
    const register = registerOf?.(reading)
    return register ? rowOfRegister(row, reading, register) : row
  })
  for (const refusal of refusals) {
    const index = Math.max(0, refusal.line - first)
    rows.push({ index, ...rowOfRefusal(refusal, profile, outcome) })
  }
  yield* rows.sort((left, right) => left.place.line - right.place.line)
  if (gaps.length > 0) yield { gaps }
}

const readOpen: ReadAs = { kind: 'read', isZoneOpen: true }
const readClosed: ReadAs = { kind: 'read' }

function rowOfReading(reading: ProfiledReading, first: number, readAs: ReadAs): RawRow {
  const { line, column, value, original } = reading
  return {
    index: Math.max(0, line - first),
    place: { line, column: column ?? '', value },
    original: cut(original),
    content: draftOf(reading),
    readAs,
  }
}

function rowOfRegister(row: RawRow, reading: ProfiledReading, own: RegisterDraft): RawRow {
  const { rule: register, stepS } = own
  return { ...row, content: { ...draftOf(reading), register, durationS: stepS ?? Number.NaN } }
}

/** A row of a thousand series is kept a thousand times where its stamp is wrong. */
const originalBytesMax = 1024

function cut(original: Uint8Array): Uint8Array {
  return original.length > originalBytesMax ? original.subarray(0, originalBytesMax) : original
}

function draftOf(reading: ProfiledReading): Draft {
  const { meter, startMs, durationS, energyMwh, powerW, reactiveVar, quality, revision } = reading
  const { standing, saidAtMs, isVoid } = reading
  // Written out: a spread costs more than all the rest of a cell.
  return {
    missing: null,
    unknown: null,
    extraCell: null,
    meter,
    start: startMs,
    durationS,
    malformed: null,
    energyMwh,
    powerW,
    reactiveVar,
    quality,
    standing: standings[standing],
    revision: revision ?? 0,
    saidAt: saidAtMs,
    isVoid,
  }
}

function rowOfRefusal(
  refusal: ProfiledRefusal,
  profile: Profile,
  { header, pinned }: ProfileOutcome,
): Omit<RawRow, 'index'> {
  const { line, column, value, original, cells, ...content } = refusal
  const place = { line, column: column ?? '', value }
  if (column === null || cells.length === 0) {
    return { place, original, content, readAs: { kind: 'row' } }
  }
  const own = header.findIndex((name) => name.trim() === column.trim())
  const kept = [...new Set([...pinned.shared, own, ...pinned.statusBeside(column)])].filter(
    (at) => at >= 0,
  )
  const part = (of: readonly string[]) => kept.map((at) => of[at] ?? '')
  const names = new Set(part(header))
  const columns = Object.entries(profile.columns ?? {}).filter(([, name]) => names.has(`${name}`))
  const named = kept.map((at) => (at === own ? pinned.nameAlone(header[at]!) : header[at]!))
  const said = { ...Object.fromEntries(columns), ...pinned.columnsAlone(column) }
  const texts = [...part(header).flatMap((name) => [name, withoutUnit(name)]), ...part(cells)]
  const called = new Set([...texts.map((text) => text.trim()), profile.meter ?? ''])
  const meters = metersNamed(profile, called)
  const alone = { ...profile, ...meters, columns: said }
  return {
    place,
    original: cut(original),
    content,
    readAs: { kind: 'cell', profile: alone, header: named, cells: part(cells) },
  }
}

/** One cell does not show the step of its file, nor in which zone its meters are enrolled. */
function profileOfCells({ pinned, understood, zone }: ProfileOutcome): Profile {
  const steps = new Set(understood.series.map(({ stepS }) => stepS))
  const [stepS] = steps
  const isOne = steps.size === 1 && stepS != null && pinned.profile.quantity !== 'register'
  const isZoneKnown = zone !== null && zone.by !== 'default'
  return {
    ...pinned.profile,
    ...(isOne ? { step: stepS } : {}),
    ...(isZoneKnown ? { zone: zone.name } : {}),
  }
}
