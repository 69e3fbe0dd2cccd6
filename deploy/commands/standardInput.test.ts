import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

/** The command itself: standard input belongs to a process. */
const csv = 'meter,start,duration_s,energy_wh\nA,2013-02-11T16:30Z,1800,1\nA,nonsense,1800,1\n'
const object = { meter: 'A', start: '2013-02-11T16:30Z', duration_s: 1_800, energy_wh: 1 }

test.each([
  ['CSV', csv, { read: 2, queued: 1, rejectedCount: 1 }],
  ['NDJSON', `${JSON.stringify(object)}\n`, { read: 1, queued: 1, rejectedCount: 0 }],
])('ingest - reads %s from standard input', (_, input, expected) => {
  const args = ['deploy/wattproof.mjs', 'ingest', '-', '--dry-run', '--json']
  const cwd = path.join(import.meta.dirname, '../..')
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, input })
  expect(JSON.parse(String(stdout))).toMatchObject(expected)
  expect(String(stderr)).toMatch(/^ingest: \d+ bytes\n$/)
  expect(status).toBe(0)
})
