import path from 'node:path'
import { clockDir, openClock } from '../engines/ports.ts'
import { type Config, childEnvironment } from '../installation/config.ts'
import type { Secrets } from '../installation/secrets.ts'
import { bundleCache } from '../process/runtime.ts'
import { upMs } from '../process/upMs.ts'
import type { ChildSpec } from './startChild.ts'

export type EngineUrls = { readonly views: string; readonly jobs: string; readonly chain: string }

const embeddedChainId = 31_337

/** The embedded engines this configuration needs: one for each URL that is not given. */
export function engineSpecs(options: {
  readonly config: Config
  readonly secrets: Secrets
}): ChildSpec[] {
  const { config, secrets } = options
  const environment = childEnvironment(config, {})
  const dirOf = (name: string) => path.join(config.dir, name)
  const clock = openClock(config)
  const clickhouse: ChildSpec = {
    name: 'clickhouse',
    entry: [
      path.join(import.meta.dirname, '../embedded/clickhouse/main.ts'),
      ...['--dir', dirOf('clickhouse')],
    ],
    environment,
    init: { password: secrets.viewsPassword },
  }
  const postgres: ChildSpec = {
    name: 'postgres',
    entry: [path.join(import.meta.dirname, '../embedded/postgresMain.ts')],
    environment,
    init: {
      ...{ dir: dirOf('postgres'), password: secrets.jobsPassword },
      template: bundleCache && path.join(bundleCache, 'postgres'),
    },
  }
  const chain: ChildSpec = {
    name: 'chain',
    entry: [path.join(import.meta.dirname, '../embedded/anvilMain.ts')],
    environment,
    init: {
      ...{ dir: dirOf('chain'), chainId: embeddedChainId },
      password: secrets.chainPassword,
      // What its owner believes: a process that is started again may find a clock that jumped.
      clock: {
        ...{ clockMs: clock.nowMs(), upMs: upMs() },
        simulatedIn: config.clock === 'system' ? null : clockDir(config),
      },
      // A new chain begins at the installation's time; its blocks follow the same clock.
      timestampS: Math.floor(clock.nowMs() / 1000),
    },
  }
  return [
    ...(config.viewsUrl ? [] : [clickhouse]),
    ...(config.jobsUrl ? [] : [postgres]),
    ...(config.chainUrl ? [] : [chain]),
  ]
}
