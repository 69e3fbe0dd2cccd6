import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readProcessTable, readReplacements } from '../supervise/processTable.ts'
import { mountSmallDisk, noSmallDisk } from '../testing/smallDisk.ts'
import { ask, startLiveUp } from './liveUp.ts'
import { startTrickle } from './trickle.ts'

/** An installation on a small file system of its own, which is filled up and emptied again. */
test.skipIf(noSmallDisk !== null)(
  `a full disk is a refusal, and passes by itself (${noSmallDisk ?? 'mounted'})`,
  async () => {
    const disk = mountSmallDisk(400)
    const up = await startLiveUp(disk.dir)
    try {
      const trickle = await startTrickle(up, meters)
      await expect.poll(() => trickle.acknowledged().length, waiting).toBeGreaterThan(5)
      // What engines free meanwhile is taken too.
      const refusedBefore = trickle.refused().length
      for (let tries = 0; tries < 100 && trickle.refused().length < refusedBefore + 3; tries++) {
        disk.fill()
        await sleep(500)
      }
      expect(trickle.refused().slice(refusedBefore)).toContain(503)
      // One that ends now makes the supervisor write its table, which it cannot.
      process.kill(readProcessTable(disk.dir).batch!.pid, 'SIGKILL')
      const refill = () => {
        disk.fill()
        return up.said()
      }
      await expect.poll(refill, waiting).toContain('The table of processes cannot be written')
      await expect.poll(refill, waiting).toMatch(/ended \(.*no space is left on the disk/)
      expect((await ask(up, '/livez')).status).toBe(200)
      expect([200, 503]).toContain((await ask(up, '/api/v1/status')).status)
      expect(up.process.exitCode).toBeNull()

      disk.empty()
      await expect.poll(up.said, waiting).toContain('The table of processes is written again.')
      await expect.poll(() => readReplacements(disk.dir).batch?.count, waiting).toBeGreaterThan(0)
      const atRelease = trickle.acknowledged().length
      await expect.poll(() => trickle.acknowledged().length, waiting).toBeGreaterThan(atRelease + 5)
      await trickle.stop()
      const sent = meters * trickle.acknowledged().length
      const counts = async () => {
        const { status, body } = await ask(up, '/api/v1/status')
        if (status !== 200) return null
        const { readings, speed } = JSON.parse(body)
        return { archive: readings.accepted, speed: speed.accepted }
      }
      await expect.poll(counts, waiting).toEqual({ archive: sent, speed: sent })
      expect(up.process.exitCode, up.said().slice(-4_000)).toBeNull()
    } finally {
      disk.empty()
      await up.stop()
      disk.unmount()
    }
  },
  600_000,
)

/** So many that the log must grow: a reading alone fits into what it has for a minute. */
const meters = 500
const waiting = { timeout: 120_000, interval: 500 }
