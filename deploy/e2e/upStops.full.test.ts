import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { temporaryDir } from './runDemo.ts'

/** Starts of `wattproof up` that end before they are up; all engines are real. */
test('of two at once one is refused; a stop does not wait until it is up', async () => {
  const dir = temporaryDir()
  const starts = [startUp(dir), startUp(dir)]
  const first = await Promise.race(starts.map((up) => up.says('Starting').then(() => up)))
  const second = starts.find((up) => up !== first)!
  expect(await second.ended).toBe(1)
  expect(second.said()).toContain(`${dir} is in use by process ${first.pid}.`)
  await expectStopped(first, 'SIGINT')

  const third = startUp(dir)
  await third.says('is ready')
  await expectStopped(third, 'SIGTERM')

  const fourth = startUp(dir)
  await fourth.says('Up in')
  fourth.kill('SIGINT')
  expect(await fourth.ended).toBe(0)
  expect(runningOn(dir)).toEqual([])

  async function expectStopped(up: ReturnType<typeof startUp>, signal: NodeJS.Signals) {
    up.kill(signal)
    expect(await up.ended, up.said()).toBe(0)
    expect(up.said()).toMatch(/\nStopping …\n$/)
    await expect.poll(() => runningOn(dir)).toEqual([])
  }
}, 180_000)

function startUp(dir: string) {
  const flags = ['up', '--dir', dir, '--port', '0', '--no-browser']
  const up = spawn(process.execPath, ['deploy/wattproof.mjs', ...flags], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  up.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const ended = once(up, 'close').then(([code]) => code as number | null)
  return {
    pid: up.pid,
    ended,
    said: () => said,
    kill: (signal: NodeJS.Signals) => up.kill(signal),
    says: async (words: string) => {
      while (!said.includes(words)) await once(up.stderr, 'data')
    },
  }
}

/** Command lines of processes that name the folder, in their arguments or environment. */
function runningOn(dir: string): string[] {
  // Looked at on Linux only.
  return (existsSync('/proc') ? readdirSync('/proc') : [])
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [command = '', environment = ''] = ['cmdline', 'environ'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8'),
        )
        return `${command}\0${environment}`.includes(dir) ? [command.replaceAll('\0', ' ')] : []
      } catch {
        // It has ended.
        return []
      }
    })
}
