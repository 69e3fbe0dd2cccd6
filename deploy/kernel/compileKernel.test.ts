import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { compileKernel } from './compileKernel.ts'

test('the committed bytes are what the source compiles to', async () => {
  const committed = path.join(projectRoot, 'speed/kernel/kernelBytes.ts')
  expect(readFileSync(committed, 'utf8')).toBe(await compileKernel())
})
