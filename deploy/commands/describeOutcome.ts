import { counted } from '../../schemas/errors/counted.ts'
import { isoUtc } from '../../schemas/time.ts'
import type { FileRead } from '../../speed/ingest/body/readFile.ts'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import { addGaps } from '../../speed/ingest/profile/countGaps.ts'
import {
  type GapCounts,
  type GapKind,
  gapKinds,
  type SeriesUnderstood,
  type Understood,
} from '../../speed/ingest/profile/reading.ts'
import { table } from './output.ts'

const seriesShownMax = 20
/** In a document: of a long file the first ones. */
const listedMax = 10_000

type Series = Omit<SeriesUnderstood, 'missing'> & { missing: number }

/** What was understood of a file, added up part by part. */
export function openSummary(file: string) {
  let understood: Understood | null = null
  const series = new Map<string, Series>()
  const conflicts: Understood['conflicts'][number][] = []
  const totals: FileRead['totals'][number][] = []
  const counts = { readings: 0, refused: 0, gaps: 0, repeats: 0 }
  const gapsByKind: Partial<Record<GapKind, number>> = {}
  return {
    add(read: FileRead): void {
      understood ??= read.understood
      for (const each of read.understood.series) {
        series.set(each.meter, merge(series.get(each.meter), each))
      }
      for (const each of read.understood.conflicts) {
        if (conflicts.length < listedMax) conflicts.push(each)
      }
      for (const each of read.totals) if (totals.length < listedMax) totals.push(each)
      const refused = read.rows.filter(({ outcome }) => isRefusal(outcome)).length
      counts.readings += read.rows.length - refused
      counts.refused += refused
      counts.gaps += read.gaps.length
      addGaps(gapsByKind, read.gaps)
      counts.repeats += read.understood.repeats
    },
    isBegun: () => understood !== null,
    document: () => documentOf(file, { understood, series, conflicts, totals, counts, gapsByKind }),
  }
}

/** Parts follow each other: what is missing between them, their stamps show. */
function merge(before: Series | undefined, part: SeriesUnderstood): Series {
  if (!before) return { ...part }
  const firstMs = Math.min(before.firstMs, part.firstMs)
  const lastMs = Math.max(before.lastMs, part.lastMs)
  const stepS = part.stepS ?? before.stepS
  const stepMs = (stepS ?? 0) * 1000
  const between = stepMs > 0 ? Math.max(0, Math.round((part.firstMs - before.lastMs) / stepMs)) : 0
  return {
    ...part,
    stepS,
    firstMs,
    lastMs,
    readings: before.readings + part.readings,
    sumMwh: before.sumMwh + part.sumMwh,
    missing: before.missing + part.missing + between,
    registers: joinRegisters(before.registers, part.registers),
  }
}

function joinRegisters(
  before: SeriesUnderstood['registers'],
  part: SeriesUnderstood['registers'],
): SeriesUnderstood['registers'] {
  if (!before || !part) return part ?? before
  const first = before.first.atMs <= part.first.atMs ? before.first : part.first
  return { first, last: before.last.atMs > part.last.atMs ? before.last : part.last }
}

type Summed = {
  readonly understood: Understood | null
  readonly series: ReadonlyMap<string, Series>
  readonly conflicts: Understood['conflicts']
  readonly totals: FileRead['totals']
  readonly counts: { readings: number; refused: number; gaps: number; repeats: number }
  readonly gapsByKind: GapCounts
}

/** The outcome as a document. Energies are decimal text: exact kWh. */
function documentOf(file: string, summed: Summed) {
  const { understood, series, conflicts, totals, counts, gapsByKind } = summed
  return {
    file,
    cells: counts.readings + counts.refused + counts.gaps,
    ...counts,
    gapsByKind,
    /** Intervals between the first and the last reading of their meter that have none. */
    missing: [...series.values()].reduce((sum, { missing }) => sum + missing, 0),
    layout: understood?.layout ?? null,
    zone: understood?.zone ?? null,
    evidence: understood?.evidence ?? [],
    series: [...series.values()].map(({ firstMs, lastMs, sumMwh, registers, ...each }) => ({
      ...each,
      first: isoUtc(firstMs),
      last: isoUtc(lastMs),
      sumKwh: kwhText(sumMwh),
      registers: registers && {
        first: { at: isoUtc(registers.first.atMs), kwh: kwhText(registers.first.valueMwh) },
        last: { at: isoUtc(registers.last.atMs), kwh: kwhText(registers.last.valueMwh) },
      },
    })),
    conflicts: conflicts.map(({ meter, startMs, lines, energiesMwh }) => ({
      ...{ meter, start: isoUtc(startMs), lines },
      kwh: energiesMwh.map(kwhText),
    })),
    totals: totals.map(({ meter, line, fromMs, toMs, energyMwh }) => ({
      ...{ meter, line, from: isoUtc(fromMs), to: isoUtc(toMs), kwh: kwhText(energyMwh) },
    })),
  }
}

export type FileDocument = ReturnType<typeof documentOf>

/** The same as text. */
export function textOf(document: FileDocument): string {
  const { evidence, series, conflicts, totals } = document
  const found = evidence.map(({ field, value, why }) => [field, value, why])
  const rows = series.slice(0, seriesShownMax).map((each) => {
    const { meter, readings, missing, first, last, sumKwh } = each
    return [meter, readings, missing, first, last, sumKwh]
  })
  const conflicting = conflicts.slice(0, seriesShownMax).map(({ meter, start, lines, kwh }) => {
    const said = lines.map((line, at) => `line ${line} ${kwh[at]} kWh`).join(', ')
    return `${meter} ${start} is said to be: ${said}; the last counts.`
  })
  const sums = totals.map(({ meter, line, from, to, kwh }) => {
    return `line ${line}: ${meter} used ${kwh} kWh from ${from} to ${to}; no intervals are known.`
  })
  const { cells, readings, refused, gaps, repeats, missing } = document
  const kinds = describeGaps(document.gapsByKind)
  const repeated = repeats > 0 ? `, ${repeats} of them repeated` : ''
  return [
    document.file,
    table(['what', 'found', 'why'], found),
    '',
    table(['meter', 'readings', 'missing', 'first', 'last (end)', 'kWh'], rows),
    ...more(series.length, 'meter'),
    `${counted(cells, 'cell')}: ${counted(readings, 'reading')}${repeated}, ` +
      `${counted(gaps, 'gap')}${kinds}, ${refused} refused`,
    `${counted(missing, 'interval')} between the first and the last reading of their meter ` +
      `${missing === 1 ? 'has' : 'have'} none`,
    ...conflicting,
    ...more(conflicts.length, 'conflict'),
    ...sums.slice(0, seriesShownMax),
  ].join('\n')
}

const gapNames: Readonly<Record<GapKind, string>> = {
  'empty-cell': 'empty',
  word: 'a no-data marker such as NA',
  'first-register': 'the first register of a meter',
  'register-gap': 'a register after missing ones',
  'repeated-register': 'a repeated register value',
  'meter-exchange': 'an exchange of the meter',
}

/** ` (3 empty, 1 a repeated register value)`. */
export function describeGaps(counts: GapCounts): string {
  const kinds = gapKinds.filter((kind) => counts[kind] !== undefined)
  if (kinds.length === 0) return ''
  return ` (${kinds.map((kind) => `${counts[kind]} ${gapNames[kind]}`).join(', ')})`
}

function more(count: number, what: string): string[] {
  const rest = count - seriesShownMax
  return rest > 0 ? [`… and ${counted(rest, `more ${what}`)}; --json lists them`] : []
}

/** `3.02` of 3,020,000 mWh: exact, without a float. */
function kwhText(mwh: bigint): string {
  const digits = String(mwh < 0n ? -mwh : mwh).padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  const whole = `${mwh < 0n ? '-' : ''}${digits.slice(0, -6)}`
  return fraction === '' ? whole : `${whole}.${fraction}`
}
