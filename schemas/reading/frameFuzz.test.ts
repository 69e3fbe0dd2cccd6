import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { MeterId } from '../ids.ts'
import {
  type ColumnFrame,
  columnsOf,
  decodeColumns,
  encodeActFrame,
  encodeColumns,
  encodeFrame,
} from './frame.ts'
import { frameRowsMax } from './frameColumns.ts'
import { rosterIdOf } from './roster.ts'
import { aReading } from './testing/aReading.ts'
import { breakages, breakFrame, type Draw, wholeFrame } from './testing/breakFrame.ts'

const frames = inject('isSoak') ? 10_000_000 : 10_000
const roster = Array.from({ length: 9 }, (_, at) => `R${at}` as MeterId)
const registered = rosterIdOf(roster)
const rosterOf = (asked: string) => (asked === registered ? roster : undefined)
const seeds = [
  encodeColumns(
    columnsOf(roster.map((meter, at) => aReading({ meter, energyMwh: at, powerW: at }))),
    registered,
  ),
  encodeFrame([aReading({ meter: 'MAC000005', powerW: 200, revision: 1 })]),
  encodeFrame(
    Array.from({ length: 12 }, (_, row) =>
      aReading({ meter: `M${row % 5}`, startMs: 1_800_000 * row, energyMwh: row, powerW: row }),
    ).map((each) => ({ ...each, saidAtMs: each.startMs + 1, source: 'dso', ingest: 'i-1' })),
  ),
  encodeActFrame({ kind: 'withdrawal', ingest: 'i1' }),
  encodeActFrame({ kind: 'rank', source: 'dso', fromMs: 5, rank: -3 }),
].map(wholeFrame)

// A stack for each of millions of refusals would take most of the time.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

test('broken frames are refused by name or are frames; nothing is read or kept beyond them', () => {
  const draw = drawer(0x5eed)
  const tried = new Map(breakages.map((how) => [how, { refused: 0, accepted: 0 }]))
  for (let count = 0; count < frames; count++) {
    const { how, bytes: frame } = breakFrame(seeds[draw(seeds.length)]!, draw)
    const alone = outcomeOf(frame)
    tried.get(how)![alone === null ? 'refused' : 'accepted'] += 1
    // Among other bytes the same: what is around a frame is never read.
    const around = new Uint8Array(frame.length + 40).fill(draw(256))
    const offset = draw(9)
    around.set(frame, offset)
    const within = outcomeOf(around.subarray(offset, offset + frame.length))
    if (!isSame(alone, within)) expect(within, `frame ${count}`).toEqual(alone)
  }
  // Each kind often; the test is none when nothing or all of it is refused.
  for (const [how, { refused, accepted }] of tried) {
    expect(refused + accepted, how).toBeGreaterThan(frames / (2 * breakages.length))
    expect(refused, how).toBeGreaterThan(frames / 1_000)
  }
  const accepted = [...tried.values()].reduce((sum, each) => sum + each.accepted, 0)
  expect(accepted).toBeGreaterThan(frames / 50)
  expect(accepted).toBeLessThan(frames / 1.5)
})

/** Null: refused. Anything but a typed refusal fails the test. */
function outcomeOf(frame: Uint8Array): ColumnFrame | null {
  try {
    const decoded = decodeColumns(frame, rosterOf)
    checkWhole(decoded, frame.length)
    return decoded
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return null
  }
}

function checkWhole({ columns }: ColumnFrame, frameBytes: number): void {
  const { rows, roster, meter } = columns
  const arrays = Object.values(columns).filter((each) => ArrayBuffer.isView(each))
  const lengths = arrays.map((each) => (each as Uint32Array).length)
  const bytes = arrays.reduce((sum, each) => sum + each.byteLength, 0)
  const isWhole =
    rows <= frameRowsMax &&
    lengths.every((length) => length === rows || length === 1 || rows === 0) &&
    (rows === 0 || meter.every((index) => index < roster.length)) &&
    bytes <= 2 * frameBytes + 200
  if (!isWhole) expect.fail(`${rows} rows of ${lengths} values, ${bytes} bytes of ${frameBytes}`)
}

function isSame(left: ColumnFrame | null, right: ColumnFrame | null): boolean {
  if (left === null || right === null) return left === right
  const { columns: a } = left
  const { columns: b } = right
  return (
    a.rows === b.rows &&
    a.t0Ms === b.t0Ms &&
    a.roster.length === b.roster.length &&
    a.energyMwh.every((value, row) => Object.is(value, b.energyMwh[row])) &&
    a.saidAtMs.every((value, row) => value === b.saidAtMs[row]) &&
    a.meter.every((value, row) => value === b.meter[row])
  )
}

/** Numbers of a linear congruence by Knuth: the same in every run. */
function drawer(seed: number): Draw {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
