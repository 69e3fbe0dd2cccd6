import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { typeScriptArgs } from './runtime.ts'

/** A child that comes to `runProcess` while its parent is there, or only when it has gone. */
async function lifeOf(isParentGone: boolean): Promise<{ said: string; code: number }> {
  const file = path.join(import.meta.dirname, 'runtime.ts')
  const source = `
    import { once } from 'node:events'
    import { runProcess } from '${file}'
    while (${isParentGone} && process.connected) await new Promise(setImmediate)
    await runProcess(async (signal) => {
      console.log('began')
      process.send?.('began')
      if (!signal.aborted) await once(signal, 'abort')
      console.log('asked to stop')
      process.exit()
    })
    process.exit()`
  const args = [...typeScriptArgs, '--input-type=module', '-e', source]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const said = text(child.stdout!)
  if (!isParentGone) await once(child, 'message')
  child.disconnect()
  const [code] = await once(child, 'exit')
  return { said: await said, code }
}

test('a process ends with its parent, and does not begin where that has gone already', async () => {
  expect(await lifeOf(false)).toEqual({ said: 'began\nasked to stop\n', code: 0 })
  expect(await lifeOf(true)).toEqual({ said: '', code: 0 })
})

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
