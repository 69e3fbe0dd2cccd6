import { runSpeed } from '../../speed/run.ts'
import { openClock, openLog, openLogger, openNotices, openViews } from '../engines/ports.ts'
import type { Config } from '../installation/config.ts'
import { sayReady } from '../process/runtime.ts'
import { memberOf } from './memberOf.ts'

/** The speed layer: from the log to live deviations. */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  const logger = openLogger(config, 'speed')
  const notices = openNotices(config)
  const [log, views] = await Promise.all([openLog(config), openViews(config, false, notices)])
  sayReady()
  await runSpeed({
    ...{ log, views, notices, signal, clock: openClock(config), partitions: config.partitions },
    member: memberOf(config),
    options: {
      latenessS: config.latenessS,
      bandWh: config.bandWh,
      cellsMax: config.speedCells,
    },
    report: (sentence) => logger.warn(sentence),
  })
  await Promise.all([log.close(), views.close()])
}
