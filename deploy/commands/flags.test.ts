import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { createProgram } from './createProgram.ts'

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
