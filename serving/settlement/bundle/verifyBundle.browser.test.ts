import path from 'node:path'
import vm from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { toJson } from '../../../schemas/units.ts'
import { buildSettlement } from '../buildSettlement.ts'
import { exampleInputs, meters } from '../testing/exampleEvent.ts'
import { makeBundle } from './makeBundle.ts'

test('a page checks a bundle with browser globals only', async () => {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'verifyBundle.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'wattproof',
    minify: true,
  })
  const { published, header, members } = buildSettlement(exampleInputs())
  const rest = { state: 'settled', period: null, chain: null, verdicts: [] } as const
  const record = { format: 'wattproof-settlement-1', published, header, members, ...rest } as const
  const bundle = toJson(makeBundle({ record, meter: meters[0]! }))
  // No process, Buffer or require here; encoders are not part of the language itself.
  const context = vm.createContext({ TextEncoder, TextDecoder, URL, bundle })
  const code = `${outputFiles[0]!.text}; JSON.stringify(wattproof.verifyBundle(JSON.parse(bundle)))`
  const verdict = JSON.parse(vm.runInContext(code, context))
  expect(verdict).toMatchObject({ ok: true, sentence: expect.stringContaining('line 1 of 5') })
})
