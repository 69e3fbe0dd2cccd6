import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { retryWhileDown } from '../client/retryWhileDown.ts'
import { readDurableBlock } from '../embedded/anvilState.ts'
import { count } from '../engines/chain/ethersChainAnswers.ts'
import { openRpc } from '../engines/chain/ethersChainRpc.ts'
import { migrate } from '../engines/views/migrate.ts'
import { chainUrlOf, jobsUrlOf, viewsUrlOf } from '../installation/addresses.ts'
import { type Config, childEnvironment } from '../installation/config.ts'
import { closeToOthers } from '../installation/permissions.ts'
import { forgetRunning, noteRunning } from '../installation/running.ts'
import { makeFolder, openSecrets } from '../installation/secrets.ts'
import { removeUnfinished } from '../installation/writeWhole.ts'
import { deferred, runProcess } from '../process/runtime.ts'
import { type HeldPort, holdGiven, holdPort } from '../sockets/holdPort.ts'
import { claimFolder } from './claimFolder.ts'
import { type EngineUrls, engineSpecs } from './engines.ts'
import { openBrowserAt } from './openBrowser.ts'
import { openProcessGroup } from './processGroup.ts'
import { clearLeftovers } from './processTable.ts'
import { exposedLine, startSecondsWatch, upLines } from './progress.ts'
import type { ChildSpec } from './startChild.ts'
import { sayCarefully, surviveErrors } from './surviveErrors.ts'

export type Running = {
  readonly url: string
  readonly token: string
  readonly chainUrl: string
  /** Resolves, with the reason, when a process is given up. */
  readonly failed: Promise<Error>
  /** Waits until the embedded chain's newest block is on disk. */
  chainDurable(): Promise<void>
  stop(): Promise<void>
}

export type StartOptions = {
  say(line: string): void
  /** Ends the start: what runs by then is stopped. */
  readonly signal: AbortSignal
  /** Passes on all output of the processes as it is, instead of warnings as plain lines. */
  readonly isRaw?: boolean
}

/**
 * Starts engines, layers, the API and validators on one folder, and supervises them.
 *
 * @throws InvalidArgumentError when the folder or the port is in use.
 * @throws the reason of the signal, once nothing runs any more.
 */
export async function startAll(config: Config, options: StartOptions): Promise<Running> {
  makeFolder(config.dir)
  const release = claimFolder(config.dir)
  try {
    await clearLeftovers(config.dir, options.signal)
    const [exposed, ...more] = closeToOthers(config.dir)
    if (exposed !== undefined) options.say(exposedLine(config.dir, 1 + more.length))
    for (const each of ['', 'chain', 'supervisor']) removeUnfinished(path.join(config.dir, each))
    const unattested = unattestedLine(config)
    if (unattested !== null) options.say(unattested)
    const held = config.listenFds ? holdGiven(config.listenFds) : await holdPort(config)
    try {
      const running = await startClaimed(config, options, held)
      const end = () => {
        held.close()
        release()
      }
      return { ...running, stop: () => running.stop().finally(end) }
    } catch (error) {
      held.close()
      throw error
    }
  } catch (error) {
    release()
    throw error
  }
}

/** What it means that no validator is started; null when some are. */
function unattestedLine({ validators, founders }: Config): string | null {
  if (validators > 0) return null
  const proposed = 'WATTPROOF_VALIDATORS is 0: settlements are proposed'
  return founders === null
    ? `${proposed} and never attested, so none becomes final.`
    : `${proposed} and wait for the validators of WATTPROOF_FOUNDERS, which run elsewhere.`
}

async function startClaimed(
  config: Config,
  options: StartOptions,
  held: HeldPort,
): Promise<Running> {
  const secrets = openSecrets(config)
  const urls = {
    views: viewsUrlOf(config),
    jobs: jobsUrlOf(config),
    chain: chainUrlOf(config),
  }
  const { port } = held
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  const processGroup = openProcessGroup(config.dir, options)
  const unlessAborted = raceAbort(options.signal)
  try {
    options.signal.throwIfAborted()
    const environment = layerEnvironment(config, { urls, port, url, token: secrets.token })
    const isMigrated = deferred<void>()
    const isApiUp = deferred<void>()
    const layer = (name: string, held: Promise<void>): ChildSpec => {
      return { name, entry: [layerEntry, name, '--held'], environment, held }
    }
    const validators: ChildSpec = {
      ...layer('validator', isApiUp.promise),
      name: 'validators',
      environment: { ...environment, WATTPROOF_VALIDATOR: 'all' },
    }
    const engines = processGroup.start(engineSpecs({ config, secrets }))
    // All load their modules while they could not run yet, the API first: it has most to do.
    const serve = { ...layer('serve', isMigrated.promise), listensOn: held }
    const api = processGroup.start([serve])
    await unlessAborted(engines)
    const others = processGroup.start([
      ...several(layer('speed', isMigrated.promise), config.speedProcesses),
      ...several(layer('batch', isMigrated.promise), config.batchProcesses),
      ...(config.validators > 0 ? [validators] : []),
    ])
    await unlessAborted(retryWhileDown(() => migrate({ url: urls.views, dryRun: false })))
    isMigrated.resolve()
    await unlessAborted(api)
    isApiUp.resolve()
    await unlessAborted(others)
  } catch (error) {
    await processGroup.stop()
    throw error
  }
  const rpc = openRpc(urls.chain)
  const chainDurable = async () => {
    if (config.chainUrl) return
    const block = await retryWhileDown(() => rpc.read(count, 'eth_blockNumber'))
    while (readDurableBlock(path.join(config.dir, 'chain')) < block) await sleep(40)
  }
  noteRunning({ dir: config.dir, url })
  const { failed } = processGroup
  const stop = () => processGroup.stop().finally(forgetRunning)
  return { url, token: secrets.token, chainUrl: urls.chain, failed, chainDurable, stop }
}

/** Processes of one layer, which share its partitions. */
function several(spec: ChildSpec, count: number): ChildSpec[] {
  return Array.from({ length: count }, (_, at) => {
    return at === 0 ? spec : { ...spec, name: `${spec.name}-${at + 1}` }
  })
}

/** Waits for a step of the start, or throws the reason of the signal as soon as it is aborted. */
function raceAbort(signal: AbortSignal): <T>(step: Promise<T>) => Promise<T> {
  const aborted = deferred<never>()
  // Without a step that waits there is nothing to report.
  aborted.promise.catch(() => {})
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
  return (step) => Promise.race([step, aborted.promise])
}

export type RunUpOptions = {
  readonly openBrowser: boolean
  /** Standard error is for a program: the processes' log entries stay JSON, at every level. */
  readonly isRaw: boolean
  /** Called once everything runs. */
  isUp?(running: Running): void
}

/** `wattproof up`: runs until it is stopped, or until a process is given up. */
export async function runUp(config: Config, options: RunUpOptions): Promise<void> {
  const say = sayCarefully(process.stderr)
  await runProcess(async (signal) => {
    const seconds = startSecondsWatch()
    signal.addEventListener('abort', () => say('Stopping …'), { once: true })
    const running = await startAll(config, { say, signal, isRaw: options.isRaw }).catch(
      (error: unknown) => {
        if (!signal.aborted || error !== signal.reason) throw error
        process.exit(0)
      },
    )
    surviveErrors(say)
    const { url, token } = running
    const tokenFile = path.join(config.dir, 'token')
    const isTerminal = process.stderr.isTTY === true
    for (const line of upLines({ url, token, tokenFile, isTerminal, seconds: seconds() })) say(line)
    options.isUp?.(running)
    if (options.openBrowser) openBrowserAt(running.url)
    const asked = new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null)
      signal.addEventListener('abort', () => resolve(null))
    })
    const reason = await Promise.race([asked, running.failed])
    if (reason !== null) say(`Stopping: ${reason.message}`)
    await running.stop().catch((error: unknown) => say(`Stopping: ${sentenceOf(error)}`))
    process.exit(reason === null ? 0 : 1)
  }, upStopMsMax)
}

/** Enough to stop two groups of children, each within its own time limit. */
const upStopMsMax = 30_000

const layerEntry = path.join(import.meta.dirname, '../cli.ts')

function layerEnvironment(
  config: Config,
  at: { urls: EngineUrls; port: number; url: string; token: string },
): NodeJS.ProcessEnv {
  return childEnvironment(config, {
    VIEWS_URL: at.urls.views,
    JOBS_URL: at.urls.jobs,
    CHAIN_URL: at.urls.chain,
    WATTPROOF_PORT: String(at.port),
    WATTPROOF_URL: at.url,
    WATTPROOF_TOKEN: at.token,
    WATTPROOF_CHAIN_EMBEDDED: config.chainUrl ? 'false' : 'true',
  })
}
