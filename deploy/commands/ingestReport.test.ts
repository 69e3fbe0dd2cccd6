import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { listRunning } from '../installation/running.ts'
import { createProgram } from './createProgram.ts'
import { addReasons, describeReport, hasNothingIn, openReport } from './ingestReport.ts'
import { openRefusalList } from './refusalList.ts'

vi.mock('../installation/running.ts', () => ({
  listRunning: vi.fn(() => [
    { dir: '/a', url: 'http://127.0.0.1:1' },
    { dir: '/b', url: 'http://127.0.0.1:2' },
  ]),
}))

afterEach(() => {
  process.exitCode = undefined
  vi.restoreAllMocks()
})

test('refusals are summed by reason, twenty are shown, and all are in a file', () => {
  const refusals = openRefusalList()
  const report = openReport('id')
  addReasons(report, { unparsable: 15 })
  addReasons(report, { 'unknown-meter': 135 })
  for (let line = 2; line < 152; line++) {
    const reason = line < 17 ? 'unparsable' : 'unknown-meter'
    refusals.add({ file: 'a.csv', line, column: 'A', value: '1,5', reason, detail: 'So it is.' })
  }
  const lines = describeReport({ ...report, read: 150 }, refusals).split('\n')
  expect(lines.slice(0, 3)).toEqual([
    '150 readings read, 0 queued, 150 refused',
    'The ingest is id.',
    'Refused: 135 unknown-meter, 15 unparsable',
  ])
  expect(lines).toHaveLength(3 + 1 + 20 + 1)
  const [, file = ''] = /^… and 130 more; the list is in (\S+); see `wattproof dlq list`$/.exec(
    lines.at(-1)!,
  )!
  const listed = readFileSync(file, 'utf8').split('\n')
  expect(listed[0]).toBe('file,line,column,value,reason,detail')
  expect(listed[150]).toBe('a.csv,151,A,"1,5",unknown-meter,So it is.')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  rmSync(file)
})

test('one reading is one reading', () => {
  const report = { ...openReport(null), read: 1, queued: 1, gaps: 1 }
  const text = describeReport(report, openRefusalList())
  expect(text).toBe('1 reading read, 1 would be sent, 0 refused, 1 gap')
})

test('it failed when nothing got in, unless all values are gaps', () => {
  const none = { read: 0, queued: 0, gaps: 0, rejectedCount: 0 }
  expect(hasNothingIn({ ...none, rejectedCount: 3 })).toBe(true)
  expect(hasNothingIn({ ...none, rejectedCount: 3, queued: 1 })).toBe(false)
  expect(hasNothingIn({ ...none, gaps: 5 })).toBe(false)
  expect(hasNothingIn(none)).toBe(true)
})

test.each([
  ['17\n', 1],
  ['17\n{"meter":"A","start":"2013-02-01T00:00Z","duration_s":1800,"energy_wh":1}\n', undefined],
])('a dry run asks none of two installations: %j', async (text, exitCode) => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wattproof-dry-')), 'a.ndjson')
  writeFileSync(file, text)
  await createProgram().parseAsync(['ingest', file, '--dry-run'], { from: 'user' })
  expect(process.exitCode).toBe(exitCode)
  expect(String(write.mock.calls[0]?.[0])).toContain('would be sent')
  expect(listRunning).not.toHaveBeenCalled()
})

test('a table of a header only is refused, and says so', async () => {
  await expect(dryRun('head.csv', 'meter,start,duration_s,energy_wh\n')).rejects.toThrow(
    /head\.csv: The file holds only a header, on line 1 \(meter, start, duration_s, energy_wh\)/,
  )
})

test('a line is the line of the file, from 1, with its header and blank lines', async () => {
  const good = 'A,2013-02-01T00:00Z,1800,1'
  const text = `meter,start,duration_s,energy_wh\r\n${good}\n\n \n${good},x\n${good}\nA,no,1,1`
  const { document } = await dryRun('lines.csv', text)
  expect(document.rejected.map(({ line }) => line)).toEqual([5, 7])
  const json = `\n17\n\n{}`
  expect((await dryRun('a.ndjson', json)).document.rejected.map(({ line }) => line)).toEqual([2, 4])
})

async function dryRun(name: string, text: string) {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wattproof-dry-')), name)
  writeFileSync(file, text)
  for (const more of [[], ['--json']]) {
    await createProgram().parseAsync(['ingest', file, '--dry-run', ...more], { from: 'user' })
  }
  const [said = '', document = ''] = write.mock.calls.slice(-2).map(([piece]) => String(piece))
  return { said, document: JSON.parse(document) as { rejected: { line: number }[] } }
}
