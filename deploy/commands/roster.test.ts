import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { rosterIdOf } from '../../schemas/reading/roster.ts'
import { createProgram } from './createProgram.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-roster-'))
const file = path.join(dir, 'meters.txt')
afterAll(() => rmSync(dir, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

/** What a dry run says of the lines of a file; nothing answers at its address. */
async function wouldAdd(lines: readonly string[], ...flags: string[]): Promise<string> {
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  let said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text
    return true
  })
  const command = ['roster', 'add', file, '--dry-run', '--url', 'http://127.0.0.1:9', ...flags]
  await createProgram().parseAsync(command, { from: 'user' })
  return said
}

test('a dry run says which id a list would get', async () => {
  const meters = ['D', 'A', 'B'] as MeterId[]
  const roster = rosterIdOf(meters)
  expect(await wouldAdd(['D', '', ' A ', 'B'])).toBe(
    `Would register roster ${roster} of 3 meters.\n`,
  )
  const document = JSON.parse(await wouldAdd(meters, '--json'))
  expect(document).toEqual({ dryRun: true, roster, meters })
})

test.each([
  ['a meter twice', ['A', 'B', 'A'], 'The roster lists A twice'],
  ['a bad id', ['A', 'a b'], 'body.meters.1: '],
  ['no meter', [''], 'body.meters: '],
  ['too many', Array.from({ length: 20_001 }, (_, at) => `M${at}`), 'body.meters: '],
])('a dry run refuses %s, as the API would', async (_, lines, sentence) => {
  const error = await wouldAdd(lines).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect((error as Error).message).toContain(sentence)
  expect(exitCodeOf(error)).toBe(2)
})
