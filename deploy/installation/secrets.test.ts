import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { readConfig } from './config.ts'
import { openSecrets } from './secrets.ts'

const folder = () => mkdtempSync(path.join(os.tmpdir(), 'wattproof-secrets-'))
const configOf = (dir: string, seed?: string) =>
  readConfig({ WATTPROOF_DIR: dir, WATTPROOF_SEED: seed }, {})

test('a seed derives the same keys everywhere, and different ones for each role', () => {
  const [one, two] = [openSecrets(configOf(folder(), 'a')), openSecrets(configOf(folder(), 'a'))]
  expect(two.keyOf('operator')).toBe(one.keyOf('operator'))
  expect(two.token).toBe(one.token)
  expect(one.keyOf('validator-0')).not.toBe(one.keyOf('operator'))
  expect(openSecrets(configOf(folder(), 'b')).keyOf('operator')).not.toBe(one.keyOf('operator'))
})

test('without a seed the secret is generated once, and only its owner can read it', () => {
  const dir = folder()
  const first = openSecrets(configOf(dir))
  expect(openSecrets(configOf(dir)).keyOf('operator')).toBe(first.keyOf('operator'))
  expect(openSecrets(configOf(folder())).keyOf('operator')).not.toBe(first.keyOf('operator'))
  for (const name of ['secret', 'token']) {
    expect(statSync(path.join(dir, name)).mode & 0o777).toBe(0o600)
  }
  expect(readFileSync(path.join(dir, 'origin'), 'utf8')).not.toContain(
    readFileSync(path.join(dir, 'secret'), 'utf8').slice(2, 18),
  )
})

test('a folder with another seed is refused', () => {
  const dir = folder()
  openSecrets(configOf(dir, 'a'))
  expect(() => openSecrets(configOf(dir, 'b'))).toThrow(InvalidArgumentError)
  expect(() => openSecrets(configOf(dir))).toThrow('made with another seed or secret')
})

test.each([
  ['', 'does not hold a secret of 32 bytes'],
  ['0x12', 'does not hold a secret of 32 bytes'],
])('a secret truncated to %j is refused', (left, sentence) => {
  const dir = folder()
  openSecrets(configOf(dir))
  writeFileSync(path.join(dir, 'secret'), left)
  expect(() => openSecrets(configOf(dir))).toThrow(sentence)
})

test('an empty token is refused', () => {
  const dir = folder()
  openSecrets(configOf(dir))
  writeFileSync(path.join(dir, 'token'), '\n')
  expect(() => openSecrets(configOf(dir))).toThrow('token is empty')
})
