import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { openLocalFile } from './localFiles.ts'
import { layoutOf } from './readHead.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-head-'))
afterAll(() => rmSync(dir, { recursive: true }))

const tidy = 'meter,start,duration_s,energy_wh\n'

test.each([
  [tidy, {}, 'tidy'],
  [`\uFEFF${tidy}`, {}, 'tidy'],
  ['power_w,start,meter,duration_s\r\n', {}, 'tidy'],
  ['stamp,A,B\n', { step: '1800' }, 'wide'],
  ['start,meter\n', { layout: 'wide', step: '1800' }, 'wide'],
] as const)('%j with %j is %s', async (text, options, expected) => {
  expect(await layout(write('a.csv', text), options)).toBe(expected)
  expect(await layout(write('a.csv.gz', gzipSync(text)), options)).toBe(expected)
})

const columns = 'meter, start, duration_s, energy_wh, power_w, reactive_var, quality, revision'
test.each([
  [
    'meter,timestamp,kwh\nA,1,2\n',
    {},
    'was taken as wide (a stamp, then a series a column), as its header does not name both meter ' +
      'and start: meter, timestamp, kwh. If it is wide, give --step, the seconds of an interval, ' +
      `and --unit; if it is tidy, name its columns ${columns}.`,
  ],
  [
    'meter;start;kwh\n',
    {},
    'separates its columns by a semicolon: --delimiter semicolon reads it,',
  ],
  ['meter\tstart\n', {}, 'separates its columns by a tab'],
  ['PK\u0003\u0004\u0000\u0000', {}, 'is binary; save it as CSV or NDJSON in UTF-8.'],
  ['', {}, 'is empty; its first line must name its columns.'],
  [
    'stamp,A\n',
    { layout: 'wide' },
    'is wide: --step takes the seconds of an interval, 1 to 86400.',
  ],
  ['stamp,A\n', { step: 'abc' }, 'is wide: --step takes the seconds of an interval, 1 to 86400, n'],
  [
    'meter,start,kwh\n',
    {},
    'is read as tidy, which lacks duration_s and energy_wh or power_w and does not know kwh; its ' +
      `columns are ${columns}. For a series a column give --layout wide.`,
  ],
] as const)('%j with %j is refused before anything is sent', async (text, options, sentence) => {
  const file = write('b.csv', text)
  const refusal = await layout(file, options).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ message: expect.stringContaining(`${file} ${sentence}`) })
  expect(exitCodeOf(refusal)).toBe(2)
})

async function layout(file: string, options: Parameters<typeof layoutOf>[1]): Promise<string> {
  const source = openLocalFile(file)
  try {
    return await layoutOf(source, options)
  } finally {
    source.close()
  }
}

function write(name: string, content: string | Uint8Array): string {
  const file = path.join(dir, name)
  writeFileSync(file, content)
  return file
}
