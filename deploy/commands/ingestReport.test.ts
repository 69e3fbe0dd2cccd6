import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { listRunning } from '../installation/running.ts'
import { createProgram } from './createProgram.ts'
import { addSent, describeReport, hasNothingIn, openReport } from './ingestReport.ts'

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

const refused = (count: number, reason: string) => ({
  ...{
    read: count,
    queued: 0,
    gaps: 0,
    rejectedCount: count,
    rejectedByReason: { [reason]: count },
  },
  rejected: Array.from({ length: Math.min(count, 100) }, (_, index) => {
    return { index, reason, detail: 'So it is.' }
  }),
})

test('refusals are summed by reason, and the rest is counted', () => {
  const report = openReport(1)
  addSent(report, { file: 'a.csv', lineOf: (index) => 2 + index }, refused(15, 'unparsable'))
  addSent(report, { file: 'a.csv', lineOf: (index) => 17 + index }, refused(135, 'unknown-meter'))
  const lines = describeReport(report, false).split('\n')
  expect(lines.slice(0, 2)).toEqual([
    '150 readings read, 0 queued, 150 refused',
    'Refused: 135 unknown-meter, 15 unparsable',
  ])
  expect(lines).toHaveLength(2 + 1 + 20 + 1)
  expect(lines.at(-1)).toBe('… and 130 more; see `wattproof dlq list`')
})

test('one reading is one reading', () => {
  const sent = { read: 1, queued: 1, gaps: 1, rejectedCount: 0, rejectedByReason: {}, rejected: [] }
  const report = openReport(1)
  addSent(report, { file: 'a.csv', lineOf: (index) => 2 + index }, sent)
  expect(describeReport(report, true)).toBe('1 reading read, 1 would be sent, 0 refused, 1 gap')
})

test('it failed when nothing got in, unless all values are gaps', () => {
  expect(hasNothingIn(refused(3, 'unparsable'))).toBe(true)
  expect(hasNothingIn({ ...refused(3, 'unparsable'), queued: 1 })).toBe(false)
  expect(hasNothingIn({ read: 0, queued: 0, gaps: 5, rejectedCount: 0 })).toBe(false)
  expect(hasNothingIn({ read: 0, queued: 0, gaps: 0, rejectedCount: 0 })).toBe(true)
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

test('a table of a header only fails, and says so', async () => {
  const { said } = await dryRun('head.csv', 'meter,start,duration_s,energy_wh\n')
  expect(said).toContain('0 readings read')
  expect(said).toContain('only the header was found')
  expect(process.exitCode).toBe(1)
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
