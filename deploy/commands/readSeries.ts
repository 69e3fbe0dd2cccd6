import { TemperatureFileError, TemperatureSeriesError } from '../../schemas/errors/commandLine.ts'
import { NoUnitError } from '../../schemas/errors/profileField.ts'
import { NothingReadError } from '../../schemas/errors/table.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import { type Refusal, refuse } from '../../speed/ingest/refusal.ts'
import { openSummary } from './describeOutcome.ts'
import { readParts } from './fileParts.ts'
import { openLocalFile } from './localFiles.ts'
import { namingFile } from './namingFile.ts'
import type { Refused } from './refusalList.ts'
import { refusedOf } from './sendFile.ts'

/**
 * Where nothing says the unit, it is the usual one of files of baselines, and the answer says so.
 */
export async function readSeriesInKwh(
  name: string,
  profile: Profile,
): ReturnType<typeof readSeries> {
  try {
    return await readSeries(name, profile)
  } catch (error) {
    if (!((error as Error).cause instanceof NoUnitError)) throw error
  }
  const input = await readSeries(name, { ...profile, unit: 'kWh' })
  const evidence = input.document.evidence.map((each) => {
    if (each.field !== 'unit') return each
    return { ...each, why: 'nothing says another: --unit does' }
  })
  return { ...input, document: { ...input.document, evidence } }
}

/** All readings have one length: a reading of another is refused. */
type InputSeries = {
  readonly stepS: number
  readonly readings: Map<EpochMs, EnergyMwh>
  isNegative: boolean
}

const refusedListedMax = 100

/**
 * The series of a file, part by part; of an interval that it says twice, the later line counts.
 *
 * A file is refused of which nothing could be read.
 */
async function readSeries(name: string, profile: Profile) {
  const file = openLocalFile(name)
  const summary = openSummary(name)
  const series = new Map<string, InputSeries>()
  const refused: Omit<Refused, 'file'>[] = []
  const nowMs = Number.MAX_SAFE_INTEGER
  try {
    for await (const part of readParts(file, { profile, nowMs })) {
      summary.add(part)
      for (const { row, outcome } of part.rows) {
        // A register by itself is the energy of no interval.
        if ('atMs' in outcome) continue
        const refusal = isRefusal(outcome) ? outcome : keep(series, outcome)
        if (refusal && refused.length < refusedListedMax) refused.push(refusedOf(row, refusal))
      }
    }
  } catch (error) {
    throw namingFile(error, name)
  } finally {
    file.close()
  }
  const { series: _, conflicts, totals: __, ...document } = summary.document()
  const [first] = refused
  if (series.size === 0) {
    throw new NothingReadError({
      file: name,
      first: first ? `${first.detail} (line ${first.line})` : '',
    })
  }
  return { series, refused, document: { ...document, conflicts: conflicts.length } }
}

/**
 * Degrees of a file of temperatures, of one series, by the rules of files of readings: what has no
 * unit of energy is read as if it had one.
 *
 * @throws TemperatureFileError with the first cell that cannot be read, or for several series.
 */
export async function readTemperatures(
  name: string,
  zone: string,
): Promise<ReadonlyMap<EpochMs, number>> {
  const { series, refused } = await readSeries(name, { zone, unit: 'Wh', quantity: 'energy' })
  const [first] = refused
  if (first) throw new TemperatureFileError({ file: name, ...first })
  const [only, ...others] = series.values()
  if (!only || others.length > 0) {
    throw new TemperatureSeriesError({ file: name, series: [...series.keys()] })
  }
  return new Map([...only.readings].map(([startMs, energy]) => [startMs, energy / 1_000]))
}

/**
 * Adds a reading to its series, unless it has another length than those before it; that there is no
 * value makes it a gap.
 */
function keep(series: Map<string, InputSeries>, reading: Reading): Refusal | null {
  const { meter, startMs, durationS, energyMwh } = reading
  const own = series.get(meter) ?? { stepS: durationS, readings: new Map(), isNegative: false }
  series.set(meter, own)
  if (own.stepS !== durationS) {
    const date = isoUtc(startMs).slice(0, 10)
    return refuse('wrong-interval', { meter, date, durationS, intervalS: own.stepS })
  }
  if (reading.isVoid) own.readings.delete(startMs)
  else own.readings.set(startMs, energyMwh)
  own.isNegative ||= energyMwh < 0
  return null
}
