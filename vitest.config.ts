import { defineConfig } from 'vitest/config'

/**
 * Two projects: `fast` is what `npm test` runs everywhere; `full` needs what `.ci/run` installs
 * (Kafka, Redis, a browser) or more minutes than a developer wants to wait.
 */
export default defineConfig({
  test: {
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
