import { expect, test } from 'vitest'
import { leftovers, markersOf } from './leftovers.ts'
import { clockAndChance, environment } from './outside.ts'
import { type Check, sourceOf } from './source.ts'

test('time and randomness are passed in, except where they originate', () => {
  const asking = [
    ...['Date.now()', 'new Date()', 'Math.random()', 'Date()', 'globalThis.Date.now()'],
    ...["Date['now']()", 'const { now } = Date', 'crypto.randomUUID()'],
    ...["import { randomBytes } from 'node:crypto'", "import { hrtime } from 'node:process'"],
    ...['performance.now()', 'const { now } = performance'],
    ...['Temporal.Now.instant()', "new Intl.DateTimeFormat('en').format()"],
  ]
  for (const text of asking) {
    expect(found(clockAndChance, 'speed/run.ts', text)).toHaveLength(1)
    expect(found(clockAndChance, 'serving/api/one.ts', text)).toEqual([])
    expect(found(clockAndChance, 'speed/run.test.ts', text)).toEqual([])
  }
  expect(found(clockAndChance, 'speed/run.ts', "new Date(0); 'Date.now()' // Date.now()")).toEqual(
    [],
  )
})

test('one file reads the environment', () => {
  expect(found(environment, 'deploy/layers/wire.ts', 'process.env.LOG_URL')).toEqual([
    'deploy/layers/wire.ts:1: error: read the environment in deploy/installation/config.ts',
  ])
  expect(found(environment, 'deploy/installation/config.ts', 'process.env.LOG_URL')).toEqual([])
  for (const text of [
    "process['env']",
    'const { env } = process',
    "import { env } from 'process'",
  ]) {
    expect(found(environment, 'deploy/layers/wire.ts', text)).toHaveLength(1)
  }
})

test('FIXME notes and console output are leftovers', () => {
  // Concatenated, so that this file contains no such note itself.
  const note = `// TO${'DO'} mend`
  expect(found(leftovers, 'speed/run.ts', note)).toEqual([
    'speed/run.ts:1: error: fix it before it is merged',
  ])
  expect(found(leftovers, 'speed/run.ts', `"${'TO'}DO"`)).toEqual([])
  expect(found(leftovers, 'speed/run.test.ts', '\nconsole.log(1)')).toEqual([
    expect.stringContaining('speed/run.test.ts:2: error: console.log'),
  ])
})

test('a text with the markers of a merge is left over', () => {
  const text = `# Limits\n${'<'.repeat(7)} HEAD\none\n=======\nother\n${'>'.repeat(7)} 02bd1e1\n`
  expect(markersOf({ file: 'LIMITS.md', text })).toEqual([
    'LIMITS.md:2: error: finish the merge',
    'LIMITS.md:6: error: finish the merge',
  ])
  expect(markersOf({ file: 'a.md', text: 'Title\n=======\n\n<<<<<<<<< 9\n' })).toEqual([])
})

function found(check: Check, path: string, text: string) {
  return check([sourceOf(path, text)])
}
