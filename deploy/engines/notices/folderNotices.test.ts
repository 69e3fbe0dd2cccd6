import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Notices } from '../../../schemas/ports/notices.ts'
import { openFolderNotices } from './folderNotices.ts'

const never = new AbortController().signal
let dir: string
let ours: Notices
let theirs: Notices

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-notices-'))
  ours = openFolderNotices(dir)
  theirs = openFolderNotices(dir)
})

afterEach(() => {
  ours.close()
  theirs.close()
  rmSync(dir, { recursive: true, force: true })
})

test('an announcement ends the waits of others, each time', async () => {
  for (let round = 0; round < 3; round++) {
    const waiting = ours.wait(ours.seen, { msMax: 60_000, signal: never })
    theirs.announce()
    await waiting
  }
})

test('one that came since `seen` was read ends the wait at once', async () => {
  const { seen } = ours
  theirs.announce()
  await ours.wait(seen, { msMax: 60_000, signal: never })
  expect(ours.seen).not.toBe(seen)
  await ours.wait(seen, { msMax: 60_000, signal: never })
})

test('a wait ends after its time, with its signal, and when it is closed', async () => {
  const { seen } = ours
  await ours.wait(seen, { msMax: 5, signal: never })
  const stop = new AbortController()
  const waits = [
    ours.wait(seen, { msMax: 60_000, signal: stop.signal }),
    theirs.wait(theirs.seen, { msMax: 60_000, signal: never }),
  ]
  stop.abort()
  theirs.close()
  await Promise.all(waits)
  await ours.wait(seen, { msMax: 60_000, signal: stop.signal })
})

test('without its folder nothing fails, and a wait is short', async () => {
  rmSync(dir, { recursive: true })
  const late = openFolderNotices(dir)
  rmSync(dir, { recursive: true })
  late.announce()
  const start = performance.now()
  await late.wait(late.seen, { msMax: 60_000, signal: never })
  expect(performance.now() - start).toBeLessThan(30_000)
  late.close()
})
