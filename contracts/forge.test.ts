import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { forgeTests, runForge } from '../deploy/testing/runForge.ts'

/** The tests in Solidity, so that one command runs all tests of the project. */
test('forge test passes', { timeout: 600_000 }, () => {
  expect(forgeTests()).toBeGreaterThan(100)
})

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

test('forge fmt has nothing to change', { timeout: 60_000 }, () => {
  expect(() => runForge(['fmt', '--check', 'contracts/src', 'contracts/test'])).not.toThrow()
})
