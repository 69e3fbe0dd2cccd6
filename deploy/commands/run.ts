import path from 'node:path'
import { type Command, Option } from 'commander'
import type { Config } from '../installation/config.ts'
import { onReady } from '../process/runtime.ts'
import { answer, type OutputOptions, say, withJson } from './output.ts'
import { configOf, type PlaceOptions } from './settings.ts'

type RunOptions = PlaceOptions &
  OutputOptions & {
    readonly port?: string
    readonly speed?: string
    readonly batch?: string
    readonly browser?: boolean
    readonly once?: boolean
    readonly homes?: string
    readonly seed?: string
    readonly shuffle?: string
    readonly quick?: boolean
    readonly held?: true
  }

/** `up`, `demo`, and the processes they consist of. Each command loads only its own modules. */
export function addRunCommands(program: Command): void {
  const up = program
    .command('up')
    .description('everything in one terminal: engines, speed, batch, serving, validators')
    .option('--dir <dir>', 'folder of all state (default .wattproof)')
    .option('--port <port>', 'port of the API (default 8420, 0 picks one)')
    .option('--speed <number>', 'processes of the speed layer, which share its work (default 1)')
    .option('--batch <number>', 'processes of the batch layer, likewise (default 1)')
    .option('--no-browser', 'do not open the dashboard in a browser')
    .addHelpText('after', '\nExample:\n  wattproof up --dir /var/lib/wattproof --port 8420')
  withJson(up).action(async (options: RunOptions) => {
    const { runUp } = await import('../supervise/up.ts')
    const config = runConfig(options)
    const { dir } = config
    await runUp(config, {
      openBrowser: options.browser !== false,
      isRaw: options.json === true,
      isUp: ({ url }) => answerRunning(options, { url, dir, tokenFile: path.join(dir, 'token') }),
    })
  })

  const demo = program
    .command('demo')
    .description(
      'real London homes through two real high-price events, and homes with PV, to paid claims',
    )
    .option('--dir <dir>', 'folder of all state (default: a new temporary one)')
    .option('--port <port>', 'port of the dashboard (default 8420; with --once any free one)')
    .option('--once', 'exit when the claims are paid instead of keeping the dashboard up')
    .option(
      '--seed <seed>',
      'seed of the keys, the salts, and the injected duplicate, late and malformed readings',
    )
    .option('--homes <number>', 'number of London homes that take part (at least 12)')
    .option('--shuffle <seed>', 'send the same readings in another order, duplicated and late')
    .option('--quick', 'only the weeks that the baselines need, for restart tests')
    .option('--no-browser', 'do not open the dashboard in a browser')
    .addHelpText('after', '\nExample:\n  wattproof demo --once --json')
  withJson(demo).action(async (options: RunOptions) => {
    const { runDemo } = await import('../simulate/demo.ts')
    const summary = await runDemo({
      dir: options.dir,
      port: options.port,
      once: options.once === true,
      seed: options.seed,
      homes: options.homes,
      shuffle: options.shuffle,
      quick: options.quick === true,
      openBrowser: options.browser !== false && options.once !== true,
      say,
    })
    answer(options, summary.document, () => summary.text)
  })

  addLayerCommands(program)
}

function addLayerCommands(program: Command): void {
  for (const [name, about] of layerCommands) {
    const command = program
      .command(name)
      .description(`${about} (one process; \`up\` starts it for you)`)
      .option('--dir <dir>', 'folder of all state')
      .addOption(new Option('--held', 'wait for the go of the parent process').hideHelp())
      .addHelpText(
        'after',
        `\nExample:\n  LOG_URL=lmdb:/srv/wattproof/log VIEWS_URL=http://… wattproof ${name}`,
      )
    withJson(command).action(async (options: RunOptions) => {
      const { runLayer } = await import('../layers/wire.ts')
      const config = runConfig(options)
      const { dir } = config
      onReady(() => answerRunning(options, { process: name, pid: process.pid, dir }))
      await runLayer(name, config, options.held)
    })
  }
}

const layerCommands = [
  ['speed', 'the speed layer: log to live deviations'],
  ['batch', 'the batch layer: log to master data set, training, recomputation'],
  ['serve', 'the API and the settlement loop'],
  ['validator', 'recomputes proposed settlements and signs them'],
] as const

/** A command that runs until it is stopped prints its answer, if any, once it is ready. */
function answerRunning(options: OutputOptions, document: unknown): void {
  if (options.json) answer(options, document, String)
}

function runConfig(options: RunOptions): Config {
  return configOf(options, {
    WATTPROOF_PORT: options.port,
    WATTPROOF_SPEED_PROCESSES: options.speed,
    WATTPROOF_BATCH_PROCESSES: options.batch,
  })
}
