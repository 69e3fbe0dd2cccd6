import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { listDescendants } from '../process/threadState.ts'
import { readProcessTable } from '../supervise/processTable.ts'
import { mountSmallDisk, noSmallDisk, type SmallDisk } from '../testing/smallDisk.ts'
import { ask, type LiveUp, startLiveUp } from './liveUp.ts'
import { startTrickle, type Trickle } from './trickle.ts'

/**
 * A whole installation on a machine that lacks one thing after the other, for some seconds each:
 * nothing is given up, and all goes on by itself.
 */
const waiting = { timeout: 180_000, interval: 500 }
const noHandles = spawnSync('prlimit', ['--version']).status === 0 ? null : 'prlimit is missing'
const reason = noSmallDisk ?? noHandles

test.skipIf(reason !== null)(
  `what passes takes nobody with it (${reason ?? 'root with prlimit'})`,
  async () => {
    const disk = mountSmallDisk(600)
    const temporary = mountSmallDisk(64)
    const up = await startLiveUp(disk.dir, { ...process.env, TMPDIR: temporary.dir })
    try {
      const trickle = await startTrickle(up)

      temporary.fill()
      kill(up, 'speed')
      await expect.poll(up.said, waiting).toMatch(/ended \(SIGKILL\): no space .*wattproof-disk/)
      temporary.empty()
      await untilWell(up, trickle)

      await turnReadOnly(up, disk)
      await expect.poll(up.said, waiting).toMatch(/ended \(.*\): the file system is read-only/)
      await expect.poll(() => trickle.refused().length, waiting).toBeGreaterThan(3)
      disk.makeReadOnly(false)
      await untilWell(up, trickle)

      limitHandles(up, 16)
      kill(up, 'serve')
      await expect.poll(up.said, waiting).toMatch(/ended \(SIGKILL\): no file handle is left/)
      limitHandles(up, 4_096)
      await untilWell(up, trickle)

      await trickle.stop()
      const sent = trickle.acknowledged().length
      const counts = async () => {
        const { readings, speed } = JSON.parse((await ask(up, '/api/v1/status')).body)
        return { archive: readings.accepted, speed: speed.accepted }
      }
      await expect.poll(counts, waiting).toEqual({ archive: sent, speed: sent })
      expect(up.process.exitCode, up.said().slice(-4_000)).toBeNull()
    } finally {
      await up.stop()
      disk.unmount()
      temporary.unmount()
    }
  },
  900_000,
)

/** Readings are taken again, and every layer is up. */
async function untilWell(up: LiveUp, trickle: Trickle): Promise<void> {
  const before = trickle.acknowledged().length
  await expect.poll(() => trickle.acknowledged().length, waiting).toBeGreaterThan(before + 5)
  const status = async () => (await ask(up, '/readyz')).status
  await expect.poll(status, waiting).toBe(200)
  const names = () => Object.keys(readProcessTable(up.dir)).sort()
  const all = ['batch', 'chain', 'clickhouse', 'postgres', 'serve', 'speed', 'supervisor']
  await expect.poll(names, waiting).toEqual([...all, 'validators'])
  expect(up.process.exitCode, up.said().slice(-4_000)).toBeNull()
}

/** The system refuses while anything is open for writing: it is closed by kills. */
async function turnReadOnly(up: LiveUp, disk: SmallDisk): Promise<void> {
  const isReadOnly = () => {
    const { supervisor: _, ...others } = readProcessTable(up.dir)
    const pids = Object.values(others).flatMap(({ pid }) => [...listDescendants(pid), pid])
    for (const pid of pids) spawnSync('kill', ['-9', String(pid)])
    try {
      disk.makeReadOnly(true)
      return true
    } catch {
      return false
    }
  }
  await expect.poll(isReadOnly, { ...waiting, interval: 50 }).toBe(true)
}

function kill(up: LiveUp, name: string): void {
  process.kill(readProcessTable(up.dir)[name]!.pid, 'SIGKILL')
}

/** Limits the handles of every process of an installation, for what it opens from now on. */
function limitHandles(up: LiveUp, count: number): void {
  for (const { pid } of Object.values(readProcessTable(up.dir))) {
    spawnSync('prlimit', ['--pid', String(pid), `--nofile=${count}:`])
  }
}
