import { expect, test } from 'vitest'
import { forgeTests } from '../deploy/testing/runForge.ts'

/** The draws of `npm test` and 15 times as many more; foundry.toml has the counts. */
test('forge test passes with more draws', { timeout: 1_800_000 }, () => {
  expect(forgeTests({ ...process.env, FOUNDRY_PROFILE: 'ci' })).toBeGreaterThan(100)
})
