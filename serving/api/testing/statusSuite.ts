import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openTestApi, standingClock } from '../../../deploy/testing/testApi.ts'
import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import type { Status } from '../../shapes/status.ts'
import { endMs, highWaterMs, hourMs } from './fillViews.ts'
import { app, clock, iso, log, read, retried, send, views } from './routesHarness.ts'

/** Longer than the status keeps what it read. */
const freshMsMax = 3_500

export function describeStatus(): void {
  describe('status', () => {
    test('has counters, lag, watermarks and the state of each layer', async () => {
      const status = await read('/status')
      const counters = { read: 8, accepted: 5, duplicate: 1, rejected: 2, late: 1, corrected: 0 }
      expect(status.readings).toEqual(counters)
      expect(status.speed.read).toBe(7)
      // 7 ≠ 4 + 1 + 1: the speed layer's counters do not balance, and `isBalanced` shows it.
      expect(status.isBalanced).toBe(false)
      expect(status.rejectedByReason).toEqual({ 'not-a-number': 1, unparsable: 1 })
      expect(status.watermark).toBe(iso(endMs))
      expect(status.watermarks).toEqual([{ partition: 0, watermark: iso(endMs), generation: 1 }])
      expect(status.lagMs).toBe(3 * hourMs)
      // The empty partition has reached its idle time; the other lags, which is not idle.
      const since = iso(endMs - hourMs)
      expect(status.idlePartitions).toEqual([{ partition: 1, since }])
      expect(status.batchHighWaterMark).toBe(iso(highWaterMs))
      expect(status.heldFrom).toBe(iso(endMs - hourMs))
      // The store has enrolments, and no speed layer has said that it follows them.
      expect(status.isEnrolmentShown).toBe(false)
      expect(status.generation).toMatchObject({ generation: 2, modelId: null })
      expect(status.generation.heldSince).toBe(iso(highWaterMs))
      expect(status.dirtyDays).toEqual({ days: 3, meters: 4, since: iso(endMs - hourMs) })
      expect(status.lag).toContainEqual({
        group: 'speed',
        topic: 'readings.v1',
        partition: 0,
        committed: 1,
        end: 2,
        records: 1,
        stalledS: null,
        reader: null,
      })
      expect(status.layers.speed).toEqual({
        state: 'behind',
        sentence: '3 records of the log wait to be read.',
      })
      expect(status.layers.chain.state).toBe('down')
      expect(status.layers.batch.state).toBe('down')
      expect(status.chain).toBeNull()
    })

    test('names stored events that cannot be read', async () => {
      const unreadable = Array.from({ length: 7 }, (_, at) => `far-${at}`)
      const api = await openTestApi({ views, log, clock, listUnreadable: () => unreadable })
      const { layers } = (await api.inject({ url: '/api/v1/status' })).json()
      expect(layers.serving).toEqual({
        state: 'failed',
        sentence:
          'Stored events that cannot be read are left out: far-0, far-1, far-2, far-3, far-4 and ' +
          '2 more. The log says why.',
      })
      await api.close()
    })

    test('says how old it is while the store of views is away, with the lag of now', async () => {
      let isAway = false
      const shutting = new Proxy(views, {
        get: (store, name: keyof Views) =>
          isAway && name === 'query'
            ? () => Promise.reject(new RetryableError('Away.'))
            : store[name],
      })
      const ownClock = standingClock(clock.ms)
      const api = await openTestApi({ views: shutting, log, clock: ownClock })
      const ask = async () => (await api.inject({ url: '/api/v1/status' })).json()
      const scrape = async () => (await api.inject({ url: '/metrics' })).body
      const speedLag = ({ lag }: Status) =>
        lag.find((each) => each.group === 'speed' && each.end > 0)!
      const known = await ask()
      expect(known.oldSince).toBeNull()
      expect(await scrape()).toContain('\nwattproof_status_old_seconds 0\n')
      isAway = true
      ownClock.ms += 90_000
      const { topic, partition, end } = speedLag(known)
      await log.commit('speed', { topic, partition, offset: end })
      await sleep(freshMsMax)
      const old = await ask()
      expect(old).toMatchObject({ oldSince: known.now, readings: known.readings })
      expect(Date.parse(old.now) - Date.parse(known.now)).toBe(90_000)
      expect(speedLag(old).records).toBe(0)
      const metrics = await scrape()
      expect(metrics).toContain('\nwattproof_status_old_seconds 90\n')
      expect(metrics).toContain(
        `lag_records{group="speed",topic="${topic}",partition="${partition}"} 0`,
      )
      isAway = false
      await sleep(freshMsMax)
      expect((await ask()).oldSince).toBeNull()
      await api.close()
    })

    test('is counted in metrics', async () => {
      const { body } = await app.inject({ url: '/metrics' })
      expect(body).toContain('wattproof_readings_total{layer="archive",outcome="duplicate"} 1')
      expect(body).toContain('wattproof_watermark_age_seconds 10800')
      expect(body).toMatch(/lag_stalled_seconds\{group="speed",.*\} 0/)
      expect(body).toContain('wattproof_layer_ok{layer="chain"} 0')
      expect(body).toContain('\nwattproof_speed_generation 1\n')
      // Whether the other one is, depends on what other suites have sent to the log.
      const { idlePartitions }: Status = (await app.inject({ url: '/api/v1/status' })).json()
      const isIdle = idlePartitions.some(({ partition }) => partition === 0)
      expect(body).toMatch(
        new RegExp(`wattproof_partition_idle_seconds\\{partition="0"\\} ${isIdle ? 1 : 0}`),
      )
      // Idle since an hour before its newest reading ends, three hours ago.
      expect(body).toContain('wattproof_partition_idle_seconds{partition="1"} 14400')
      const heldS = (clock.ms - highWaterMs) / 1000
      expect(body).toContain(`\nwattproof_batch_held_seconds ${heldS}\n`)
      expect(body).toContain('\nwattproof_batch_dirty_days 3\n')
      expect(body).toContain('\nwattproof_batch_dirty_meters 4\n')
      expect(body).toContain(`\nwattproof_batch_dirty_seconds ${4 * 3600}\n`)
      expect(body).toMatch(
        /requests_total\{route="\/api\/v1\/status",method="GET",status="200"\} 1/,
      )
    })

    test('dead letters come newest first, or from an offset on, with their bytes', async () => {
      const newest = await read('/rejected?limit=1')
      expect(newest.rejected).toHaveLength(1)
      expect(newest.rejected[0]).toMatchObject({ offset: 1, reason: 'not-a-number', index: 3 })
      expect(Buffer.from(newest.rejected[0].originalBase64, 'base64').toString()).toBe('M1,x')
      const first = await read('/rejected?from=0&limit=1')
      expect([first.rejected[0].offset, first.next]).toEqual([0, 1])
      const older = await read('/rejected?before=1&limit=1')
      expect([older.rejected[0].offset, older.next]).toEqual([0, null])
      const { source } = older.rejected[0]
      const ofFile = await read(`/rejected?source=${encodeURIComponent(source)}`)
      expect(ofFile.rejected.length).toBeGreaterThan(0)
      expect((await read('/rejected?source=other.csv')).rejected).toEqual([])
      expect((await read('/rejected?source=other.csv&from=0')).rejected).toEqual([])
      const one = await read('/rejected?reason=unparsable')
      expect(one.rejected.map((each: { offset: number }) => each.offset)).toEqual([0])
    })

    test('dead letters are passed on to be checked again', async () => {
      const report = await send('/rejected/retry', { dryRun: true })
      expect(report).toEqual({
        tried: 2,
        queued: 1,
        stillRejected: { unparsable: 1 },
        isDryRun: true,
        next: null,
      })
      expect(retried.map(({ offset, reason }) => [offset, reason])).toEqual([
        [0, 'unparsable'],
        [1, 'not-a-number'],
      ])
    })
  })
}
