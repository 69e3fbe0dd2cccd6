import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DemoStoppedError, WholeNumberFromError } from '../../schemas/errors/commandLine.ts'
import type { Address } from '../../schemas/ids.ts'
import { toJson } from '../../schemas/units.ts'
import { createApiClient } from '../client/client.ts'
import { openSimulatedClock } from '../engines/clock/simulatedClock.ts'
import { readConfig } from '../installation/config.ts'
import { openSecrets } from '../installation/secrets.ts'
import { ownerOnlyMask } from '../process/runtime.ts'
import { openBrowserAt } from '../supervise/openBrowser.ts'
import { type Running, startAll } from '../supervise/up.ts'
import { checkSummary } from './checkSummary.ts'
import { countSolar, firstMs, planDeliveries } from './deliveries.ts'
import { describeSummary } from './describeSummary.ts'
import type { DisturbReturnType } from './disturb.ts'
import { createDriver } from './driver.ts'
import { type Fontana, loadFontana } from './fontana.ts'
import { demoAccounts, enrolHomes } from './homes.ts'
import { type London, loadLondon } from './london.ts'
import { eventsOfDay, plannedEvents, solarEvent } from './plan.ts'
import {
  announce,
  doneMsOf,
  playOn,
  type Replay,
  replayEventDay,
  replayHistory,
  runBatchAt,
} from './replay.ts'
import { collectSummary, type DemoSummary } from './summary.ts'

export type DemoOptions = {
  readonly dir: string | undefined
  readonly port: string | undefined
  readonly once: boolean
  readonly seed: string | undefined
  readonly homes: string | undefined
  readonly shuffle: string | undefined
  readonly quick: boolean
  readonly openBrowser: boolean
  say(line: string): void
}

const homesMin = 12
const stopped = Symbol('stopped')
/** Real time per simulated half-hour after the second event. */
const livePauseMs = 1_500

/**
 * Real homes through two real high-price events, to paid and proved claims.
 *
 * Every step is idempotent: a demo that is killed and restarted on the same folder
 * sends the same readings, finds what was done, and ends with the same roots.
 */
export async function runDemo(
  options: DemoOptions,
): Promise<{ document: DemoSummary; text: string }> {
  const watch = startWatch()
  const dir = options.dir ?? mkdtempSync(path.join(os.tmpdir(), 'wattproof-demo-'))
  const london = loadLondon(homesOf(options))
  const fontana = loadFontana()
  const { seed = 'first light' } = options
  const config = demoConfig({ ...options, dir, seed })
  // Simulated time must be set before anything asks for it.
  process.umask(ownerOnlyMask)
  mkdirSync(dir, { recursive: true })
  const clock = openSimulatedClock(path.join(dir, 'clock'))
  const firstEvent = plannedEvents[0]!
  if (clock.nowMs() < firstEvent.dayStartMs) await clock.set(firstEvent.dayStartMs)

  const stop = stopSignal()
  const reasonOf = (error: unknown) => {
    return stop.signal.aborted ? new DemoStoppedError({ dir }, error) : error
  }
  sayHomes(options, { london, fontana, dir })
  const starting = startAll(config, { say: options.say, signal: stop.signal })
  const running = await starting.catch((error: unknown) => Promise.reject(reasonOf(error)))
  watch.lap('start')
  // The demo's token is printed, as its seed is public; `up` does not print its token.
  const page = `${running.url}/#token=${running.token}`
  options.say(`Dashboard: ${page}`)
  if (options.openBrowser) openBrowserAt(page)
  try {
    const disturbed = planDeliveries({ london, fontana }, { ...options, seed })
    const { url, token, chainDurable } = running
    const client = createApiClient({ url, token, retriesMax: 60, signal: stop.signal })
    const driver = createDriver({ client, clock, signal: stop.signal })
    const { deliveries } = disturbed
    const replay: Replay = {
      ...{ client, driver, london, fontana, deliveries, chainDurable, say: options.say },
    }
    const accounts = demoAccounts(openSecrets(config), {
      ...{ london, fontana, validators: config.validators },
    })
    const story = tell({ replay, disturbed, accounts, options, watch, signal: stop.signal })
    await Promise.race([story, running.failed.then((error) => Promise.reject(error))])
    const solarSent = countSolar(fontana, { quick: options.quick, toMs: driver.nowMs() })
    const document = await collectSummary({
      ...{ client, dir, rpcUrl: running.chainUrl, london, fontana, accounts, solarSent },
      injected: { ...disturbed.injected, sent: driver.sent() - solarSent },
      seconds: watch.seconds,
    })
    writeFileSync(path.join(dir, 'summary.json'), `${toJson(document, 2)}\n`)
    checkSummary(document)
    const text = describeSummary(document)
    if (!options.once) await stayUp({ replay, running, text, signal: stop.signal })
    return { document, text }
  } catch (error) {
    throw reasonOf(error)
  } finally {
    await running.stop()
    await clock.close()
  }
}

function sayHomes(
  { say }: DemoOptions,
  { london, fontana, dir }: { london: London; fontana: Fontana; dir: string },
): void {
  say(`Wattproof demo: ${london.dynamic.length + london.flat.length} London homes in ${dir}`)
  say(
    `Beside them: ${fontana.sites.length} homes with PV in Fontana, California, by net meter; ` +
      `their readings are real, their event is the demo's own.`,
  )
}

function demoConfig({ dir, seed, ...options }: DemoOptions & { dir: string; seed: string }) {
  const { homes } = options
  return readConfig({
    WATTPROOF_DIR: dir,
    // A demo that exits by itself needs no fixed port.
    WATTPROOF_PORT: options.port ?? (options.once ? '0' : undefined),
    // Another number of homes is another installation: their folders are not mixed.
    WATTPROOF_SEED: homes === undefined ? seed : `${seed}, ${homes} homes`,
    WATTPROOF_CLOCK: 'simulated',
    WATTPROOF_SCHEDULE: 'manual',
    WATTPROOF_LOG_LEVEL: 'warn',
  })
}

type Story = {
  readonly replay: Replay
  readonly disturbed: DisturbReturnType
  readonly accounts: ReadonlyMap<string, Address>
  readonly options: DemoOptions
  readonly watch: ReturnType<typeof startWatch>
  readonly signal: AbortSignal
}

/** The steps of the demo, in order. */
async function tell({ replay, disturbed, accounts, options, watch, signal }: Story): Promise<void> {
  const { say } = replay
  const { doubled, delayed, late, corrected, malformed } = disturbed.injected
  say(
    `Injected: ${doubled} readings duplicated, ${delayed} half an hour late, ${late} a day late, ` +
      `${corrected} restated, ${malformed} malformed.`,
  )
  await enrolHomes(replay, accounts)
  let fromMs = firstMs(options.quick)
  for (const [index, event] of plannedEvents.entries()) {
    say(`Sending history up to ${dateOf(event.dayStartMs)} …`)
    const { clockTo } = replay.driver
    await clockTo(event.dayStartMs)
    await replayHistory(replay, { fromMs, toMs: event.dayStartMs })
    watch.lap(index === 0 ? 'history' : 'between')
    const events = eventsOfDay(event.dayStartMs)
    for (const each of events) await announce(replay, each)
    if (events.includes(solarEvent)) say(`Event ${solarEvent.id} is announced, too.`)
    say(`Event ${event.id} is announced; computing forecasts and baselines …`)
    await runBatchAt(replay, event.dayStartMs)
    watch.lap(`batch${index + 1}`)
    say(`Playing the day of ${event.id} in half-hours …`)
    const pause = options.once ? 0 : 150
    await replayEventDay(replay, events, async () => {
      if (pause > 0) await sleep(pause, undefined, { signal })
    })
    watch.lap(`event${index + 1}`)
    for (const { id } of events) say(`${id} is settled, final and paid.`)
    fromMs = doneMsOf(event)
  }
  // An installation that kept running has read more; those readings are sent, and counted, again.
  await playOn(replay, { toMs: replay.driver.nowMs(), pauseMs: 0, signal })
  await replay.driver.caughtUp()
}

/** Keeps the dashboard up and plays the remaining days slowly. */
async function stayUp(options: {
  replay: Replay
  running: Running
  text: string
  signal: AbortSignal
}): Promise<void> {
  const { replay, running, signal } = options
  replay.say(options.text)
  replay.say(`The dashboard stays up at ${running.url}; Ctrl-C ends it.`)
  const end = new Promise<typeof stopped>((resolve) => {
    signal.addEventListener('abort', () => resolve(stopped))
  })
  const playing = { toMs: Number.POSITIVE_INFINITY, pauseMs: livePauseMs, signal }
  const live = playOn(replay, playing).then(
    () => end,
    (error: unknown) => (signal.aborted ? end : Promise.reject(error)),
  )
  const outcome = await Promise.race([end, live, running.failed])
  if (outcome !== stopped) throw outcome
}

function stopSignal(): AbortController {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => (stop.signal.aborted ? process.exit(130) : stop.abort()))
  }
  return stop
}

function homesOf(options: DemoOptions): number {
  if (options.homes === undefined) return Number.POSITIVE_INFINITY
  const homes = Number(options.homes)
  if (Number.isInteger(homes) && homes >= homesMin) return homes
  throw new WholeNumberFromError({ option: '--homes', min: homesMin })
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function startWatch() {
  const begin = performance.now()
  let last = begin
  const laps: Record<string, number> = {}
  const since = (from: number) => Math.round((performance.now() - from) / 100) / 10
  return {
    lap: (name: string) => {
      laps[name] = since(last)
      last = performance.now()
    },
    seconds: () => ({ ...laps, total: since(begin) }),
  }
}
