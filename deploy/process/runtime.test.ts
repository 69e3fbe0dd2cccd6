import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a process that runs for days keeps its bundle', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wattproof-runtime-'))
  const longAgo = new Date(0)
  fs.utimesSync(folder, longAgo, longAgo)
  vi.stubGlobal('bundleFolder', folder)
  vi.stubGlobal('bundledRoot', '/wattproof')
  vi.useFakeTimers({ toFake: ['setInterval'] })
  const { keepBundle, programFile } = await import('./runtime.ts')
  expect(programFile(path.join(folder, 'deploy/cli.ts'))).toBe(path.join(folder, 'deploy/cli.mjs'))
  keepBundle()
  vi.advanceTimersByTime(3600 * 1000)
  await vi.waitFor(() => expect(fs.statSync(folder).mtimeMs).toBeGreaterThan(0))
  fs.rmSync(folder, { recursive: true })
})
