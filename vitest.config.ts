import { defineConfig } from 'vitest/config'

/**
 * Two projects: `fast` is what `npm test` runs everywhere; `full` needs what `.ci/run` installs
 * (Kafka, Redis, a browser) or more minutes than a developer wants to wait.
 */
export default defineConfig({
  test: {
    // Failures and the sum; what a test says is shown where it fails.
    reporters: ['dot'],
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 120_000,
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
    ],
  },
})
