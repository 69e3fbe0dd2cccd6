import { expect, test } from 'vitest'
import { readFile } from './readFile.ts'

const nowMs = Date.UTC(2024, 1, 1)
const start = (row: number) => new Date(Date.UTC(2024, 0, 15, 0, 30 * row)).toISOString()

/** Half-hours of these energies and powers, as a tidy file and as one of a profile. */
function files(rows: readonly Row[]) {
  const line = ([wh, w]: Row, row: number) => [start(row), wh, w]
  const lines = rows.map((each, row) => line(each, row))
  const exact = lines.map(([at, wh, w]) => `A,${at},1800,${wh},${w}\n`).join('')
  const other = lines.map(([at, wh, w]) => `A;${at};${wh};${w}\n`).join('')
  return [
    `meter,start,duration_s,energy_wh,power_w\n${exact}`,
    `Meter;Start;Energy (Wh);Mean power (W)\n${other}`,
  ]
}

function read(file: string) {
  const bytes = new TextEncoder().encode(file)
  const profile = file.includes(';') ? { columns } : {}
  return readFile(bytes, { profile, nowMs }).rows.length
}

const columns = { meter: 'Meter', start: 'Start', value: 'Energy (Wh)', power: 'Mean power (W)' }

test.each([
  ['twice', 2],
  ['half', 0.5],
  ['kilowatts', 0.001],
  ['of the other sign', -1],
  ['that of a quarter of an hour', 4],
])('power that is %s in every row is refused', (_, factor) => {
  const rows = [100, 250, 0, 75.5].map((wh) => [wh, wh * 2 * factor] as const)
  const power = Number((200 * factor).toPrecision(4))
  for (const file of files(rows)) {
    expect(() => read(file)).toThrow(
      `In line 2 the power is ${power} W, the energy is 200 W over 1800 s, and all rows`,
    )
  }
})

type Row = readonly [wh: number, w: number | string]

test.each<readonly [string, readonly Row[]]>([
  [
    'their mean',
    [
      [100, 200],
      [250, 500],
      [75.5, 151],
    ],
  ],
  [
    'their mean in whole watts',
    [
      [0.4, 1],
      [0.7, 1],
      [100, 200],
    ],
  ],
  [
    'at an instant',
    [
      [100, 400],
      [250, 510],
      [75.5, 20],
    ],
  ],
  [
    'of a constant load at an instant',
    [
      [100, 400],
      [100, 400],
      [100, 400],
    ],
  ],
  [
    'not there',
    [
      [100, ''],
      [250, ''],
      [75.5, ''],
    ],
  ],
  [
    'there of two rows only',
    [
      [100, 400],
      [250, 1000],
      [75.5, ''],
    ],
  ],
  [
    'zero',
    [
      [100, 0],
      [250, 0],
      [75.5, 0],
    ],
  ],
  [
    'nothing beside no energy',
    [
      [0, 0],
      [0, 3],
      [0, 9],
    ],
  ],
])('but powers that are %s are read', (_, rows) => {
  for (const file of files(rows)) expect(read(file)).toBe(3)
})

test.each([1, -1])(
  'the power of what is fed in has its sign, whatever the file gives it: %i',
  (sign) => {
    const rows = [100, 250, 75.5].map(
      (wh, row) => `A;${start(row)};${wh};export;${sign * wh * 2}\n`,
    )
    const bytes = new TextEncoder().encode(`Meter;Start;Wh;Direction;P\n${rows.join('')}`)
    const named = { meter: 'Meter', start: 'Start', value: 'Wh', flow: 'Direction', power: 'P' }
    const { rows: said } = readFile(bytes, { profile: { columns: named }, nowMs })
    expect(said.map(({ outcome }) => outcome)).toMatchObject([
      { energyMwh: -100_000, powerW: -200 },
      { energyMwh: -250_000, powerW: -500 },
      { energyMwh: -75_500, powerW: -151 },
    ])
  },
)
