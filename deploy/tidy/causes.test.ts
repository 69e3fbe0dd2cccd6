import { expect, test } from 'vitest'
import { causes } from './causes.ts'
import { sourceOf } from './source.ts'

function lost(thrown: string, name = '(error)'): string[] {
  const imported = "import { LogNotWrittenError } from '../schemas/errors/log.ts'"
  const text = `${imported}\nfunction write() { try { put() } catch ${name} { ${thrown} } }`
  return causes([sourceOf('speed/one.ts', text)])
}

test.each([
  'throw new LogNotWrittenError()',
  'throw new LogNotWrittenError({ reason: error.message })',
  'if (isLast) throw error instanceof Error ? new LogNotWrittenError() : error',
])('a refusal without its cause: %s', (thrown) => {
  expect(lost(thrown)).toEqual(['speed/one.ts:2: error: pass error on as the cause'])
})

test('a cause is kept, dropped on purpose, or not ours to keep', () => {
  expect(lost('throw new LogNotWrittenError(error)')).toEqual([])
  expect(lost('throw error')).toEqual([])
  expect(lost('throw new UnrecoverableError(error.message)')).toEqual([])
  expect(lost('throw new LogNotWrittenError()', '')).toEqual([])
})
