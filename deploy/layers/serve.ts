import { requestJob } from '../../batch/schedule/requestJob.ts'
import { enrolledOf } from '../../schemas/ports/enrolled.ts'
import { readArchivedMs } from '../../schemas/ports/readPlaces.ts'
import { createApi } from '../../serving/api/createApi.ts'
import { boundPorts } from '../../serving/api/read/boundPorts.ts'
import { arePages, makePages, registerPages } from '../../serving/pages/registerPages.ts'
import { runServing } from '../../serving/run.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { openRegisterStore } from '../../speed/api/registerStore.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { createDeadLetterRetry } from '../../speed/api/retryDeadLetters.ts'
import { openSourceForms } from '../../speed/api/sourceForms.ts'
import { viewsJournal } from '../engines/chain/ethersChainJournal.ts'
import {
  openClock,
  openJobs,
  openLog,
  openLogger,
  openModels,
  openViews,
} from '../engines/ports.ts'
import type { Config } from '../installation/config.ts'
import { makeOnce } from '../installation/makeOnce.ts'
import { ownVersion } from '../installation/ownVersion.ts'
import { openSecrets } from '../installation/secrets.ts'
import { sayReady } from '../process/runtime.ts'
import { holdGiven, holdPort } from '../sockets/holdPort.ts'
import { listenOn } from '../sockets/listenOn.ts'
import { listReplaced } from '../supervise/processTable.ts'
import { openOperatorChain, openRole } from './chain.ts'

/** The API and the settlement loop. */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  const logger = openLogger(config, 'serve')
  const secrets = openSecrets(config)
  const clock = openClock(config)
  const { partitions } = config
  const port = config.listenFds ? holdGiven(config.listenFds) : await holdPort(config)
  const [log, views, awaitedViews, jobs, operator] = await Promise.all([
    openLog(config),
    openViews(config),
    openViews(config, true),
    openJobs(config),
    openRole({ config, secrets, clock, role: 'operator' }),
  ])
  const connected = await operator.connect(viewsJournal(views))
  const chain = await openOperatorChain({ config, secrets, connected })
  const bounded = boundPorts({ chain, jobs })
  const commands = await runServing({
    awaited: { views: awaitedViews, chain: bounded.chain },
    ...{ views, chain, clock, signal, partitions, master: secrets.master },
    archivedMs: () => readArchivedMs({ log, clock }),
    say: (line) => logger.info(line),
  })
  const registry = createMeterRegistry(awaitedViews, enrolledOf(awaitedViews))
  const models = openModels(config)
  const options = { deviation: { bandWh: config.bandWh } }
  const readEvents = openEventStore(awaitedViews).events
  const forms = openSourceForms({ views: awaitedViews, clock })
  const ports = { log, views: awaitedViews, clock, registry, partitions }
  const api = { ...ports, forms, registerStore: openRegisterStore(ports) }
  const app = await createApi({
    ...{ views: awaitedViews, log, chain, jobs, clock, commands },
    logger: { level: config.logLevel },
    models,
    idleS: config.idleS,
    isDaily: config.schedule === 'daily',
    listReplaced: () => listReplaced(config.dir),
    listUnreadable: () => commands.listUnreadable(),
    token: secrets.token,
    names: [config.host, ...config.names],
    proxies: config.proxies,
    validatorToken: secrets.validatorToken,
    version: ownVersion(),
    retryDeadLetters: createDeadLetterRetry(api),
    startJob: (request) =>
      requestJob(
        { log, views: awaitedViews, jobs: bounded.jobs, models, clock, readEvents },
        { ...request, options },
      ),
    extensions: [
      (scope) => registerReadingsRoutes(scope, api),
      (scope) => registerPages(scope, makeOnce('pages', { make: makePages, isWhole: arePages })),
    ],
  })
  await listenOn(app.server, port)
  sayReady()
  await commands.done
  const closed = app.close()
  // What is open by now ends with this process, in the middle of a request or not.
  app.server.closeAllConnections()
  await closed
  const stores = [log, views, awaitedViews, jobs, chain]
  await Promise.all(stores.map((store) => store.close()))
}
