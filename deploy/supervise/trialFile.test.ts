import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { writeWhole } from '../installation/writeWhole.ts'
import { findShortage } from './shortage.ts'

test('what others put into the folder for temporary files is never written through', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wattproof-trial-'))
  const secret = path.join(dir, 'secret')
  const shared = path.join(dir, 'shared')
  fs.mkdirSync(shared)
  fs.writeFileSync(secret, 'kept')
  const links = [`trial.${process.pid}.new`, `state.${process.pid}.new`]
  for (const name of links) fs.symlinkSync(secret, path.join(shared, name))
  vi.stubEnv('TMPDIR', shared)
  try {
    expect(await findShortage(dir)).toBeNull()
    writeWhole(path.join(shared, 'state'), 'new')
  } finally {
    vi.unstubAllEnvs()
  }
  expect(fs.readFileSync(secret, 'utf8')).toBe('kept')
  expect(fs.readFileSync(path.join(shared, 'state'), 'utf8')).toBe('new')
  expect(fs.readdirSync(shared).sort()).toEqual(['state', links[0]])
  fs.rmSync(dir, { recursive: true })
})
