import { expect } from 'vitest'
import type { ProfiledReading, ProfileOutcome } from '../reading.ts'
import { readWithProfile } from '../readWithProfile.ts'
import {
  type ByteMutation,
  breakBytes,
  breakRows,
  byteMutations,
  type RowMutation,
  rowMutations,
} from './breakFile.ts'
import { drawer } from './drawer.ts'
import { type Format, formats } from './exports.ts'
import { makeSeries } from './makeSeries.ts'
import { headOf, type WrittenRow, writeRows } from './writeFile.ts'

/** How many sites a file has, and days; a format with one site in its file has one. */
export type FileSize = { readonly sites: number; readonly days: number }

/**
 * A file of a format drawn from the seed, changed in its rows and in its bytes. Nothing is read
 * that was not written, the later word counts, what is not read is refused or was taken out, and
 * every cell is a reading, a refusal or a gap.
 */
export function checkMutation(seed: number, size: FileSize): void {
  const changed = draw(seed)
  try {
    check(changed, size)
  } catch (error) {
    const { format, inRows, inBytes, change } = changed
    const where = `seed ${seed}: ${format.name}, ${change}, rows ${inRows}, bytes ${inBytes}`
    throw new Error(where, { cause: error })
  }
}

type Changed = {
  readonly seed: number
  readonly format: Format
  readonly change: 'spring' | 'autumn'
  readonly inRows: RowMutation
  readonly inBytes: ByteMutation
}

function draw(seed: number): Changed {
  const next = drawer(seed)
  const of = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  return {
    seed,
    format: of(formats),
    change: of(['spring', 'autumn'] as const),
    inRows: of(rowMutations),
    inBytes: of(byteMutations),
  }
}

function check({ seed, format, change, inRows, inBytes }: Changed, size: FileSize): void {
  const series = makeSeries({ ...size, seed, change, traits: format })
  const rows = breakRows(writeRows(series, format), inRows, { format, seed })
  const rendering = { head: headOf(series, format), rows, format }
  const broken = breakBytes(rendering, inBytes, seed) ?? breakBytes(rendering, 'none', seed)!
  const meter = format.isOneSite ? { meter: series[0]!.meter } : {}
  let outcome: ProfileOutcome
  try {
    outcome = readWithProfile(broken.bytes, { ...format.profile, ...meter })
  } catch (error) {
    expect((error as { kind?: string }).kind).toBe('unreadable')
    // Only what the profile itself says otherwise: not one cell of the file can be right.
    expect([inBytes, format.profile.delimiter !== undefined]).toEqual(['delimiter', true])
    return
  }
  const { readings, refusals, gaps } = outcome
  const lines = rows.filter((row) => !broken.lost.includes(row))
  const cells = lines.flatMap(({ values }) => values).length
  const rest = readings.length + refusals.length + gaps.length - cells - broken.strange
  expect(rest).toBe(broken.refused)
  // A register that is refused costs the intervals on both its sides.
  const perRefusal = format.rows === 'registers' ? 2 : 1
  checkWords(readings, wordsOf(lines, format), perRefusal * refusals.length)
  const ruined = lines.flatMap(({ values }) => values).filter(({ isBroken }) => isBroken)
  const certain = ruined.length + broken.strange + rest
  expect(refusals.length).toBeGreaterThanOrEqual(certain)
  const uncertain = ordered.has(inRows) ? 0 : nearChange(lines, format)
  // Where every other row is gone by chance, the rest looks like rows of a longer step.
  const isThinned = inRows === 'missing rows'
  const thinned = refusals.filter(({ reason }) => isThinned && reason === 'bad-duration').length
  expect(refusals.length - certain).toBeLessThanOrEqual(uncertain + thinned)
  for (const { detail, line } of refusals) {
    expect(detail.length).toBeGreaterThan(20)
    expect(line).toBeGreaterThan(0)
  }
}

/** The order of the rows still says which hour is the first of a repeated one. */
const ordered = new Set<RowMutation>([
  ...(['none', 'backwards', 'meters mixed', 'empty values', 'broken values'] as const),
])

/** The words for each interval, in the order of the file. */
function wordsOf(rows: readonly WrittenRow[], format: Format): Words {
  const words = new Map<string, bigint[]>()
  for (const { key, mwh } of rows.flatMap(({ values }) => values)) {
    if (mwh !== null) words.set(key, [...(words.get(key) ?? []), mwh])
  }
  return format.rows === 'registers' ? differencesOf(words, format) : words
}

type Words = ReadonlyMap<string, readonly bigint[]>

/** Between registers one step apart. */
function differencesOf(registers: Words, { stepS }: Format): Words {
  return new Map(
    [...registers].flatMap(([key, values]) => {
      const [meter, atMs] = key.split(' ')
      const before = registers.get(`${meter} ${Number(atMs) - stepS * 1000}`)
      if (!before) return []
      const all = values.flatMap((value) => before.map((each) => value - each))
      const last = values.at(-1)! - before.at(-1)!
      return [[`${meter} ${Number(atMs) - stepS * 1000} ${stepS}`, [...all, last]] as const]
    }),
  )
}

function checkWords(readings: readonly ProfiledReading[], words: Words, refused: number): void {
  const said = new Map(
    readings.map(({ meter, startMs, durationS, energyMwh }) => {
      return [`${meter} ${startMs} ${durationS}`, energyMwh]
    }),
  )
  const ignored = [...words].filter(([key, all]) => said.get(key) !== all.at(-1))
  for (const [key, value] of said) expect(words.get(key) ?? [], key).toContain(value)
  expect(ignored.length, `${ignored[0]}`).toBeLessThanOrEqual(refused)
}

/** Cells within two hours of a change of the clocks. */
function nearChange(rows: readonly WrittenRow[], { zone }: Format): number {
  const hourMs = 3_600_000
  const clock = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const known = new Map<number, string | undefined>()
  const offsetAt = (ms: number) => {
    const offset = known.get(ms) ?? clock.format(ms).split(' ').at(-1)
    known.set(ms, offset)
    return offset
  }
  return rows
    .flatMap(({ values }) => values)
    .filter(({ key }) => {
      const ms = Number(key.split(' ')[1])
      return offsetAt(ms - 2 * hourMs) !== offsetAt(ms + 2 * hourMs)
    }).length
}
