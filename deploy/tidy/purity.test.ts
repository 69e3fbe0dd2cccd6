import { expect, test } from 'vitest'
import { pureFolders, pureFoldersDeclared, pureFoldersExist, purity } from './purity.ts'
import { sourceOf } from './source.ts'

test.each([
  "import type { Log } from '../../schemas/ports/log.ts'",
  "import { answer } from '../api/answer.ts'",
  "import fs from 'node:fs'",
  "import { readFile } from 'fs/promises'",
  "import net from 'node:net'",
  "import { fork } from 'node:child_process'",
  "const { run } = await import('../api/run.ts')",
  'Date.now()',
  'new Date()',
  'Math.random()',
  'performance.now()',
  'process.env.DAY',
  'setTimeout(work, 10)',
  "fetch('http://localhost')",
  'const ask = fetch',
  "import http2 from 'node:http2'",
  "import dgram from 'dgram'",
  'Temporal.Now.instant()',
  "new WebSocket('ws://localhost')",
  "new EventSource('http://localhost')",
  "new Worker('a.js')",
  "process.stdout.write('one')",
  'process.exit(1)',
  'AbortSignal.timeout(10)',
  'new Intl.DateTimeFormat().format()',
  "Reflect.get(globalThis, 'fetch')",
  'import(name)',
])('a pure folder has no %s', (text) => {
  expect(purity([sourceOf('speed/ingest/one.ts', text)])).toEqual([
    expect.stringContaining('speed/ingest/one.ts:1: error: a pure folder '),
  ])
  // The same is allowed in a process folder and in a test.
  expect(purity([sourceOf('speed/api/one.ts', text)])).toEqual([])
  expect(purity([sourceOf('speed/ingest/one.test.ts', text)])).toEqual([])
})

test('values, hashes and other pure folders are pure', () => {
  const text = `import { createHash } from 'node:crypto'
import { mwh } from '../../schemas/units.ts'
import { two } from './two.ts'
new Date(0)
new Intl.DateTimeFormat().format(0)`
  expect(purity([sourceOf('speed/ingest/one.ts', text)])).toEqual([])
})

test('a folder that is declared pure exists', () => {
  const all = pureFolders.map((each) => sourceOf(each.replace(/(?<!\.ts)$/, '/one.ts'), ''))
  expect(pureFoldersExist(all)).toEqual([])
  expect(pureFoldersExist(all.slice(1))).toEqual([expect.stringContaining('does not exist')])
})

test('a pure folder takes the records of a port, not the port', () => {
  const port = sourceOf(
    'schemas/ports/log.ts',
    'export type LogProgress = { end: number }\nexport interface Log { end(): Promise<number> }',
  )
  const taking = (name: string) => [
    port,
    sourceOf('batch/history/one.ts', `import type { ${name} } from '../../schemas/ports/log.ts'`),
  ]
  expect(purity(taking('LogProgress'))).toEqual([])
  expect(purity(taking('Log'))).toHaveLength(1)
  expect(purity(taking('LogProgress, Log'))).toHaveLength(1)
})

test('a folder of a layer that is pure is declared', () => {
  const pure = sourceOf('speed/curves/one.ts', "import { two } from './two.ts'")
  expect(pureFoldersDeclared([pure])).toEqual([
    'speed/curves:1: error: is pure; declare it in deploy/tidy/purity.ts',
  ])
  const clock = sourceOf('speed/curves/two.ts', 'export const two = Date.now()')
  expect(pureFoldersDeclared([pure, clock])).toEqual([])
})
