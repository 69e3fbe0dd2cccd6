import { defineConfig } from 'vitest/config'
import { listSoakFiles } from './deploy/soak/files.ts'
import { listFastFiles } from './deploy/testing/fastFiles.ts'
import { LongestFirst } from './deploy/testing/longestFirst.ts'
import { chooseTemporaryFolder } from './deploy/testing/memoryFolder.ts'

const { alone, shared } = listFastFiles()
const soak = listSoakFiles()
/** As many as a small machine has cores: with more, what a test waits for comes too late. */
const fastWorkers = 2
/** Where engines sync to memory. */
const inMemory = {
  globalSetup: 'deploy/testing/memoryFolder.ts',
  env: { TMPDIR: chooseTemporaryFolder() },
}
const ofSoak = {
  setupFiles: ['deploy/soak/multiplyRuns.ts'],
  provide: { isSoak: true },
  testTimeout: 4 * 3_600_000,
  pool: 'forks' as const,
}

/**
 * `npm test` runs `fast` and `fast-shared` everywhere; `full` needs what `.ci/run` installs (Redis,
 * a browser) or more minutes than a developer wants to wait; `soak` takes hours, and CI runs a fixed
 * sample of it within the others.
 */
export default defineConfig({
  test: {
    // Failures and the sum; what a test says is shown where it fails.
    reporters: ['dot'],
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    provide: { isSoak: false, soakSeed: 0 },
    // Kept by content: the second run of unchanged sources transforms none of them again.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest' },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: alone,
          ...inMemory,
          pool: 'forks',
          maxWorkers: fastWorkers,
        },
      },
      {
        extends: true,
        test: {
          name: 'fast-shared',
          include: shared,
          ...inMemory,
          pool: 'forks',
          maxWorkers: fastWorkers,
          isolate: false,
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
          name: 'soak-computing',
          include: soak.computing,
          ...ofSoak,
          maxWorkers: fastWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'soak-alone',
          include: soak.alone,
          ...ofSoak,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
