import { expect, test } from 'vitest'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import { openSummary } from './describeOutcome.ts'
import { readParts } from './fileParts.ts'
import type { OpenFile } from './localFiles.ts'

const nowMs = Date.UTC(2026, 0, 1)
const slots = 3_000
const wall = (slot: number) => {
  return new Date(Date.UTC(2024, 9, 10) + slot * 1_800_000).toISOString().slice(0, 16)
}
/** Local half hours of Chicago, of which those from 01:00 to 02:00 of 3 November come twice. */
const local = Array.from({ length: slots }, (_, slot) => wall(slot))
const at = local.indexOf('2024-11-03T02:00')
local.splice(at, 0, '2024-11-03T01:00', '2024-11-03T01:30')

const wide = local.map((stamp, row) => {
  const cells = [row % 7 === 3 ? '' : (row % 50) / 10, row === 1_234 ? 'x' : 1]
  return [stamp.replace('T', ' '), ...cells].join(',')
})
const object = (slot: number) => {
  return JSON.stringify({ meter: 'N', start: `${wall(slot)}Z`, duration_s: 1800, energy_wh: slot })
}
const lines = Array.from({ length: slots }, (_, slot) => (slot === 77 ? '17' : object(slot)))

const linesOfT = local.map((each) => `T,${each}Z,1800,1\n`).join('')

const files: Readonly<Record<string, { readonly text: string; readonly profile: Profile }>> = {
  'a wide file in a zone whose clocks go back': {
    text: `Account,77\r\n\r\nstart,A,B\r\n${wide.join('\r\n')}`,
    profile: { layout: 'wide', unit: 'kWh', zone: 'America/Chicago' },
  },
  'quoted cells with line ends': {
    text: `meter,start,value,note\n${local
      .map((stamp, row) => `M${row % 3},${stamp}Z,1.5,"a\nb"\n`)
      .join('')}`,
    profile: { unit: 'kWh' },
  },
  'NDJSON with blank lines and a bad one': { text: `\n${lines.join('\n\n')}\n`, profile: {} },
  'tidy CSV': {
    text: `meter,start,duration_s,energy_wh\n${linesOfT}`,
    profile: {},
  },
}

test.each(Object.entries(files))('%s is read in parts as it is whole', async (_, file) => {
  const whole = await readAll(file.text, file.profile, 1 << 30)
  expect(whole.parts).toBe(1)
  for (const partBytes of [5_000, 31_337]) {
    const cut = await readAll(file.text, file.profile, partBytes)
    expect(cut.parts).toBeGreaterThan(2)
    expect(cut.rows).toEqual(whole.rows)
    const { evidence: _cut, repeats: __, conflicts: ___, ...document } = cut.document
    expect(whole.document).toMatchObject(document)
  }
})

test.each([1, 2, 1_500, 2_999])('a line of 2 MB behind row %i costs no other', async (behind) => {
  const rows = Array.from({ length: slots }, (_, row) => `${wall(row)}Z,${row % 7}`)
  rows.splice(behind, 0, 'x'.repeat(2e6))
  const text = `start,A\n${rows.join('\n')}\n`
  const profile: Profile = { layout: 'wide', unit: 'Wh' }
  const whole = await readAll(text, profile, 1 << 30)
  expect(whole.rows.filter((each) => each.endsWith('too-large'))).toEqual([
    `line ${behind + 2} : too-large`,
  ])
  const cut = await readAll(text, profile, 5_000)
  expect(cut.rows).toEqual(whole.rows)
})

test.each([
  ['a second meter is named above', 'Meter Number,M2\n', 'Move those of each meter'],
  ['the columns change places', 'value,start\n', 'other names from here on'],
])('from the line on where %s, rows of all parts are refused', async (_, line, why) => {
  const half = wide.map((row) => row.split(',').slice(0, 2).join(','))
  half.splice(1_500, 0, line.trim())
  const text = `Meter Number,M1\n\nstart,value\n${half.join('\n')}\n`
  const profile: Profile = { unit: 'kWh', zone: 'America/Chicago' }
  for (const partBytes of [1 << 30, 31_337, 5_000]) {
    const { rows, details } = await readAll(text, profile, partBytes)
    expect(rows.filter((row) => row.includes(': M1')).every((row) => lineOf(row) <= 1_503)).toBe(
      true,
    )
    const behind = rows.filter((row) => lineOf(row) > 1_503)
    expect(behind).toHaveLength(local.length - 1_500 + 1)
    expect(behind.every((row) => row.endsWith('unparsable'))).toBe(true)
    expect(details.at(-1)).toContain(why)
  }
})

const lineOf = (row: string) => Number(row.split(' ')[1])

const meters = Array.from({ length: 100 }, (_, meter) => `R${meter}`)
/** Registers of all meters by instant: the lines beside a part hold less than one instant. */
const registersAt = (instants: readonly number[], value: (meter: number, at: number) => number) => {
  const rows = instants.flatMap((at) => {
    return meters.map((meter, index) => `${meter},${wall(at)}Z,${value(index, at)}\n`)
  })
  return `meter,start,value\n${rows.join('')}`
}

test('registers are differenced across the parts', async () => {
  const profile: Profile = { quantity: 'register', unit: 'kWh' }
  // Six instants of one step, five differences a meter.
  const text = registersAt([0, 1, 2, 3, 4, 5], (meter, at) => meter + at * at)
  const whole = await readAll(text, profile, 1 << 30)
  expect([whole.rows.length, whole.document.gaps]).toEqual([500, 100])
  for (const partBytes of [1_024, 2_500, 8_192]) {
    const cut = await readAll(text, profile, partBytes)
    expect(cut.parts).toBeGreaterThan(1)
    expect(cut.rows).toEqual(whole.rows)
    expect(cut.document.gaps).toBe(100)
    expect(cut.document.series).toEqual(whole.document.series)
  }
})

test('a gap between parts keeps its total', async () => {
  const profile: Profile = { quantity: 'register', unit: 'kWh' }
  const text = registersAt([0, 1, 2, 4, 5], (_, at) => at)
  const whole = await readAll(text, profile, 1 << 30)
  const cut = await readAll(text, profile, 1_024)
  expect(cut.rows).toEqual(whole.rows)
  expect(cut.document.totals).toEqual(whole.document.totals)
  expect(cut.document.totals.map(({ kwh }) => kwh)).toEqual(meters.map(() => '2'))
})

test('a file of 200,000 rows is read with a few parts of it in memory', async () => {
  const rows = 200_000
  const partBytes = 1 << 20
  let made = 0
  let bytes = 0
  async function* pieces() {
    yield Buffer.from('meter,start,duration_s,energy_wh\n')
    while (made < rows) {
      const from = made
      made = Math.min(rows, made + 1_000)
      const lines = Array.from({ length: made - from }, (_, at) => {
        const slot = Math.floor((from + at) / 100)
        return `M${(from + at) % 100},${wall(slot)}Z,1800,${(from + at) % 7}\n`
      })
      const piece = Buffer.from(lines.join(''))
      bytes += piece.length
      yield piece
    }
  }
  const source = { ...openText(''), pieces: pieces() }
  const summary = openSummary('f')
  let [taken, takenBytes, aheadMax] = [0, 0, 0]
  for await (const part of readParts(source, { profile: {}, nowMs, partBytes, besideBytes: 1e5 })) {
    summary.add(part)
    taken += part.rows.length
    for (const { row } of part.rows) takenBytes += row.original.length
    aheadMax = Math.max(aheadMax, bytes - takenBytes)
  }
  expect(taken).toBe(rows)
  // What was read ahead is beside the part; line ends are not in the originals.
  expect(aheadMax).toBeLessThan(partBytes)
  expect(bytes).toBeGreaterThan(5 * partBytes)
  const { series, readings, missing } = summary.document()
  expect([series.length, readings, missing]).toEqual([100, rows, 0])
  // 200,000 rows of 0 to 6 Wh in turn: 28,571 times 21 Wh, and 0, 1, 2 of the rest.
  const sum = series.reduce((kwh, { sumKwh }) => kwh + Number(sumKwh) * 1000, 0)
  expect(Math.round(sum)).toBe(28_571 * 21 + 3)
})

async function readAll(text: string, profile: Profile, partBytes: number) {
  const summary = openSummary('f')
  const rows: string[] = []
  const details: string[] = []
  let parts = 0
  const options = { profile, nowMs, partBytes, besideBytes: Math.min(1_500, partBytes / 2) }
  for await (const part of readParts(openText(text), options)) {
    parts++
    summary.add(part)
    for (const { row, outcome } of part.rows) {
      if ('atMs' in outcome) throw new Error('a register is a row of JSON')
      if (isRefusal(outcome)) details.push(outcome.detail)
      const said = isRefusal(outcome)
        ? outcome.reason
        : `${outcome.meter} ${outcome.startMs} ${outcome.durationS} ${outcome.energyMwh}`
      rows.push(`line ${row.place.line} ${row.place.column}: ${said}`)
    }
  }
  return { parts, rows, details, document: summary.document() }
}

/** In pieces that end anywhere. */
function openText(text: string): OpenFile {
  const bytes = new TextEncoder().encode(text)
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += 777) yield bytes.subarray(from, from + 777)
  }
  return {
    ...{ name: 'f', pieces: pieces(), bytesRead: () => 0, close: () => {} },
    readHead: async () => [],
  }
}
