import { isoUtc } from '../../schemas/time.ts'
import type { ProfiledRefusal, ProfileOutcome } from '../../speed/ingest/profile/reading.ts'
import { table } from './output.ts'

/** Refusals on the screen; `--json` lists all of them. */
const refusalsShownMax = 20
const seriesShownMax = 20

/** What was understood of a file, as a document. Energies are decimal text: kWh, exactly. */
export function documentOf(file: string, outcome: ProfileOutcome) {
  const { understood, readings, refusals, gaps, cells } = outcome
  const { evidence, layout, zone, repeats } = understood
  return {
    file,
    cells,
    readings: readings.length,
    refused: refusals.length,
    gaps: gaps.length,
    layout,
    zone,
    evidence,
    series: understood.series.map(({ firstMs, lastMs, sumMwh, registers, ...series }) => ({
      ...series,
      first: isoUtc(firstMs),
      last: isoUtc(lastMs),
      sumKwh: kwhText(sumMwh),
      registers: registers && {
        first: { at: isoUtc(registers.first.atMs), kwh: kwhText(registers.first.valueMwh) },
        last: { at: isoUtc(registers.last.atMs), kwh: kwhText(registers.last.valueMwh) },
      },
    })),
    conflicts: understood.conflicts.map(({ meter, startMs, lines, energiesMwh }) => ({
      ...{ meter, start: isoUtc(startMs), lines },
      kwh: energiesMwh.map(kwhText),
    })),
    repeats,
    totals: gaps.flatMap(({ total, meter, line }) =>
      total
        ? [
            {
              meter,
              line,
              from: isoUtc(total.fromMs),
              to: isoUtc(total.toMs),
              kwh: kwhText(total.energyMwh),
            },
          ]
        : [],
    ),
    refusals: refusals.map(({ line, column, value, reason, detail }) => {
      return { line, column, value, reason, detail }
    }),
  }
}

/** The same as text. */
export function textOf(document: ReturnType<typeof documentOf>): string {
  const { evidence, series, conflicts, totals, refusals } = document
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
  const { cells, readings, refused, gaps, repeats } = document
  const repeated = repeats > 0 ? `, ${repeats} of them repeated` : ''
  return [
    document.file,
    table(['what', 'found', 'why'], found),
    '',
    table(['meter', 'readings', 'missing', 'first', 'last (end)', 'kWh'], rows),
    ...more(series.length, seriesShownMax, 'meters'),
    `${cells} cells: ${readings} readings${repeated}, ${gaps} gaps, ${refused} refused`,
    ...conflicting,
    ...more(conflicts.length, seriesShownMax, 'conflicts'),
    ...sums.slice(0, refusalsShownMax),
    ...refusals.slice(0, refusalsShownMax).map(refusalText),
    ...more(refused, refusalsShownMax, 'refusals'),
  ].join('\n')
}

function more(count: number, shown: number, what: string): string[] {
  return count > shown ? [`… and ${count - shown} more ${what}; --json lists them all`] : []
}

function refusalText(refusal: Omit<ProfiledRefusal, 'original' | 'cells'>): string {
  const { line, column, value, reason, detail } = refusal
  const where = column === null ? '' : `, column ${column}`
  return `line ${line}${where}: ${value === '' ? '' : `"${value}" `}${reason}: ${detail}`
}

/** `3.02` of 3,020,000 mWh: exact, without a float. */
function kwhText(mwh: bigint): string {
  const digits = String(mwh < 0n ? -mwh : mwh).padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  const whole = `${mwh < 0n ? '-' : ''}${digits.slice(0, -6)}`
  return fraction === '' ? whole : `${whole}.${fraction}`
}
