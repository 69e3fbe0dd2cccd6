import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Views } from '../../schemas/ports/views.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { propertyTimeMs } from '../testing/propertyTimeMs.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { calm, drawDisturbance } from './seeds/disturb.ts'
import { drawWorld } from './seeds/drawWorld.ts'
import { emptyingQueries, emptyStore } from './seeds/emptyStore.ts'
import { type Played, playWorld } from './seeds/playWorld.ts'

/**
 * Seeded worlds over the real log and store, each once undisturbed and five times shuffled,
 * duplicated, cut into other batches, by clocks that jump, and with processes that are killed at
 * their writes: the views are the same to the bit, and so are the roots. CI compares ten such runs,
 * a soak a thousand.
 */
const disturbedRuns = 5
let server: TestClickHouse
let views: Views

beforeAll(async () => {
  server = await startTestClickHouse({ extraQueries: emptyingQueries })
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

test(
  'shuffled, doubled, delayed and killed: the same views and roots',
  async () => {
    let [delivered, exceptions] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.noBias(fc.nat()), async (drawn) => {
        const seed = String(drawn)
        const world = drawWorld(seed)
        await emptyStore(server.url)
        const undisturbed = await playWorld(views, world, calm)
        expectCounted(undisturbed)
        for (let run = 1; run <= disturbedRuns; run++) {
          await emptyStore(server.url)
          const disturbed = await playWorld(views, world, drawDisturbance(`${seed} ${run}`))
          expectCounted(disturbed)
          expect(disturbed.outcome).toEqual(undisturbed.outcome)
        }
        delivered += Math.abs(undisturbed.outcome.deliveredMwh)
        exceptions += undisturbed.outcome.live.exceptions.length
      }),
      { numRuns: 2, endOnFailure: true },
    )
    // Otherwise nothing was compared.
    expect(delivered).toBeGreaterThan(0)
    expect(exceptions).toBeGreaterThan(0)
  },
  propertyTimeMs(600_000),
)

/** Both layers have counted every word of the log once. */
function expectCounted({ sent, counted }: Played): void {
  expect(counted).toEqual(['archive', 'speed'].map((layer) => [layer, sent]))
}
