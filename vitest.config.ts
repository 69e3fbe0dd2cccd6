import { defineConfig } from 'vitest/config'
import { listSoakFiles } from './deploy/soak/files.ts'

/**
 * Three projects: `fast` is what `npm test` runs everywhere; `full` needs what `.ci/run` installs
 * (Redis, a browser) or more minutes than a developer wants to wait; `soak` takes hours, and CI runs
 * a fixed sample of it within the other two.
 */
export default defineConfig({
  test: {
    // Failures and the sum; what a test says is shown where it fails.
    reporters: ['dot'],
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    provide: { isSoak: false, soakSeed: 0 },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.full.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['**/*.full.test.ts'],
          exclude: ['**/node_modules/**'],
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: listSoakFiles(),
          setupFiles: ['deploy/soak/multiplyRuns.ts'],
          provide: { isSoak: true },
          testTimeout: 4 * 3_600_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
})
