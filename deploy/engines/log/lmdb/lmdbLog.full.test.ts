import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { killWriters } from '../../../testing/log/killWriters.ts'

const rounds = inject('isSoak') ? 250 : 25

test(
  `${rounds} rounds of two writers killed with SIGKILL`,
  async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'lmdb-kill-'))
    const { acknowledged, broken } = await killWriters(dir, rounds)
    rmSync(dir, { recursive: true })

    expect(broken).toEqual([])
    // Two writers a round, at least 5 appends each.
    expect(acknowledged).toBeGreaterThanOrEqual(rounds * 2 * 5)
  },
  rounds * 12_000,
)
