import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { createProgram } from './createProgram.ts'
import { reportFailure } from './reportFailure.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-flags-'))
const [csv, bundle] = [path.join(dir, 'a.csv'), path.join(dir, 'bundle.json')]
writeFileSync(csv, 'meter,start,duration_s,energy_wh\n')
writeFileSync(bundle, '{}')
afterAll(() => rmSync(dir, { recursive: true }))

test.each([
  [['ingest', csv, '--register', '--account', '0x123'], '--account takes an address'],
  [['ingest', csv, '--account', `0x${'1'.repeat(40)}`], '--account has no effect without'],
  [['ingest', csv, '--group', 'g'], '--group has no effect without --register'],
  [
    ['ingest', csv, '--layout', 'tidy', '--step', '1800'],
    '--step has no effect with --layout tidy',
  ],
  [['verify', bundle, '--anchor', '0x12'], '--anchor has no effect without --rpc'],
  [['verify', bundle, '--anchor', '0x12', '--rpc', 'http://127.0.0.1:1'], '--anchor takes an addr'],
  [['verify', bundle, '--dir', dir, '--rpc', 'http://127.0.0.1:1'], 'There is no installation in'],
  [['event', 'list', '--dir', dir], 'There is no installation in'],
  [['event', 'list', '--token', 'wrong'], '--token is shorter than 16 characters'],
  [['doctor', '--port', 'abc'], '--port is not a whole number'],
  [['correct', 'A', '2026-99-01'], 'START takes a time with an offset'],
  [
    ['correct', 'A', '2026-01-01T00:00Z', '--energy-wh', 'abc'],
    '--energy-wh takes a number such as 219 or -12.5; not "abc".',
  ],
  [['source', 'rank', 'a', '1', '--from', '2026-01-01'], '--from takes a time with an offset'],
  [
    ['meter', 'set', 'A', '--zone', 'UTC', '--interval', '1', '--group', 'g', '--account', '0x1'],
    '--account takes an address',
  ],
])('%j is wrong use', async (args, sentence) => {
  const refusal = await createProgram()
    .parseAsync(args, { from: 'user' })
    .catch((error: unknown) => error)
  expect(refusal).toMatchObject({ message: expect.stringContaining(sentence) })
  expect(exitCodeOf(refusal)).toBe(2)
})

test.each(['list', 'retry'])(
  'a reason that there is not is refused by dlq %s itself',
  async (name) => {
    const refusal = await createProgram()
      .parseAsync(['dlq', name, '--reason', 'nope'], { from: 'user' })
      .catch((error: unknown) => error)
    expect(reportFailure(refusal, false)).toBe(2)
    expect(refusal).toMatchObject({
      message: expect.stringContaining('Allowed choices are too-large'),
    })
  },
)
