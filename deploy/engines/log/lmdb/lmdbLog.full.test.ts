import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { killWriters } from '../../../testing/log/killWriters.ts'

test('25 rounds of two writers killed with SIGKILL', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'lmdb-kill-'))
  const { acknowledged, broken } = await killWriters(dir, 25)
  rmSync(dir, { recursive: true })

  expect(broken).toEqual([])
  // 25 rounds, 2 writers, at least 5 appends each.
  expect(acknowledged).toBeGreaterThanOrEqual(250)
}, 300_000)
