import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { writeOnce } from '../installation/writeWhole.ts'
import { typeScriptArgs } from '../process/runtime.ts'
import { claimFolder } from './claimFolder.ts'

const newDir = () => mkdtempSync(path.join(os.tmpdir(), 'wattproof-claim-'))
const claimsOf = (dir: string) => readdirSync(path.join(dir, 'supervisor'))

test('a claimed folder is refused, by the number of its process, until it is given back', () => {
  const dir = newDir()
  const release = claimFolder(dir)
  expect(() => claimFolder(dir)).toThrow(`${dir} is in use by process ${process.pid}.`)
  release()
  const releaseSecond = claimFolder(dir)
  // A second stop of the first start.
  release()
  expect(() => claimFolder(dir)).toThrow('is in use')
  releaseSecond()
})

test('a claim that nobody can read is named', () => {
  const dir = newDir()
  claimFolder(dir)()
  const file = path.join(dir, 'supervisor/1')
  for (const text of ['', '{"pid":"7"}']) {
    writeFileSync(file, text)
    expect(() => claimFolder(dir)).toThrow(`${file} is not as wattproof writes it.`)
  }
})

test('of many that start at once one has the folder, after one that ended too', async () => {
  const dirs = Array.from({ length: 20 }, newDir)
  const ended = startClaimer()
  await ended.loaded
  expect(await ended.claim(dirs.slice(0, 10))).toEqual(dirs.slice(0, 10))
  ended.process.kill('SIGKILL')
  await once(ended.process, 'exit')
  const rivals = [1, 2, 3, 4].map(startClaimer)
  await Promise.all(rivals.map(({ loaded }) => loaded))
  const won = await Promise.all(rivals.map(({ claim }) => claim(dirs)))
  expect(won.flat().sort()).toEqual(dirs.sort())
  for (const rival of rivals) rival.process.kill('SIGKILL')
})

test('claims do not pile up', () => {
  const dir = newDir()
  for (let start = 1; start <= 3; start++) {
    claimFolder(dir)()
    expect(claimsOf(dir)).toEqual([String(start)])
  }
})

test('a smaller number that became free again is no claim', () => {
  const dir = newDir()
  claimFolder(dir)()
  claimFolder(dir)
  // As by a process that judged the folder before the two claims above.
  const mark = JSON.stringify({ pid: process.pid, start: 'slow' })
  expect(writeOnce(path.join(dir, 'supervisor', '1'), mark)).toBe(true)
  expect(() => claimFolder(dir)).toThrow('is in use')
})

/** A process that claims folders and keeps them; it answers those that it got. */
function startClaimer() {
  const source = `
    import { createInterface } from 'node:readline'
    import { claimFolder } from '${path.join(import.meta.dirname, 'claimFolder.ts')}'
    console.log('loaded')
    for await (const line of createInterface({ input: process.stdin })) {
      const got = []
      for (const dir of JSON.parse(line)) {
        try {
          claimFolder(dir)
          got.push(dir)
        } catch (error) {
          if (error.name !== 'FolderInUseError') throw error
        }
      }
      console.log(JSON.stringify(got))
    }`
  const node = [...typeScriptArgs, '--input-type=module', '-e', source]
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, node, {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  return {
    process: child,
    loaded: once(lines, 'line'),
    claim: async (dirs: readonly string[]): Promise<string[]> => {
      child.stdin.write(`${JSON.stringify(dirs)}\n`)
      const [line] = await once(lines, 'line')
      return JSON.parse(line)
    },
  }
}
