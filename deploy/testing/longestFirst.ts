import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take ten seconds or more, in the order in which they are begun: longest first,
 * and those that compute next to those that mostly wait. A fresh checkout has no durations of an
 * earlier run, and a long file that is begun last keeps the other processes waiting.
 */
export const longFiles: readonly string[] = [
  'serving/run.test.ts',
  'deploy/engines/jobs/processPool.test.ts',
  'deploy/embedded/anvil.test.ts',
  'deploy/embedded/postgres.test.ts',
  'deploy/e2e/demo.test.ts',
  'contracts/forge.test.ts',
  'deploy/e2e/up.test.ts',
  'deploy/e2e/readme.test.ts',
  'deploy/tidy.test.ts',
  'deploy/engines/jobs/bullmqJobs.test.ts',
  'batch/recompute/recompute.test.ts',
  'deploy/engines/views/clickhouseViews.test.ts',
  'batch/handlers.test.ts',
  'batch/archive/runArchive.test.ts',
  'serving/api/routes/routes.test.ts',
  'speed/advance.test.ts',
  'batch/recompute/recomputeCost.test.ts',
  'deploy/e2e/strangers.test.ts',
  'deploy/engines/log/lmdb/lmdbLog.test.ts',
  'deploy/e2e/words.test.ts',
  'deploy/e2e/solar.test.ts',
  'deploy/engines/chain/ethersChain.test.ts',
  'deploy/engines/views/migrate.test.ts',
  'deploy/layers/wire.test.ts',
  'deploy/embedded/clickhouse/server.test.ts',
]

/**
 * Files that share a process last and side by side, so that the process stays; within both kinds
 * long files first, and the short ones fill the gaps.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ project, moduleId }: TestSpecification) => {
      const name = path.relative(project.config.root, moduleId).replaceAll(path.sep, '/')
      const at = longFiles.indexOf(name)
      const rank = at < 0 ? longFiles.length : at
      return project.config.isolate ? rank : rank + longFiles.length + 1
    }
    return [...files].sort((left, right) => rankOf(left) - rankOf(right))
  }
}
