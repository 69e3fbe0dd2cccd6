import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

/** Interfaces and bytecode that are committed come from these sources, to the byte. */
test('contracts/abi is what the sources compile to', { timeout: 300_000 }, () => {
  const script = path.join(import.meta.dirname, 'script/abi.mjs')
  const { status, stdout, stderr } = spawnSync('node', [script, '--check'], { encoding: 'utf8' })
  const advice = 'Run node contracts/script/abi.mjs and commit what it writes.'
  expect({ status, changed: stdout, stderr }, advice).toEqual({
    status: 0,
    changed: '',
    stderr: '',
  })
})
