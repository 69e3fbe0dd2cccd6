import type { Command } from 'commander'
import { InstallationNotUpError, SeveralRunningError } from '../../schemas/errors/commandLine.ts'
import { type ApiClient, type ApiClientOptions, createApiClient } from '../client/client.ts'
import { type Config, type Environment, readConfig } from '../installation/config.ts'
import { listRunning, type RunningInstallation } from '../installation/running.ts'
import { checkInstalled, readToken } from '../installation/secrets.ts'

export type PlaceOptions = { readonly dir?: string; readonly url?: string; readonly token?: string }

/** Flags of commands that talk to a running wattproof. */
export function withPlace(command: Command): Command {
  return command
    .option('--dir <dir>', 'folder of the installation (default: the one that is up)')
    .option('--url <url>', 'its URL, such as http://127.0.0.1:8420')
    .option(
      '--token <token>',
      'bearer token; WATTPROOF_TOKEN does the same, hidden from other users',
    )
}

export function configOf(options: PlaceOptions, more: Environment = {}): Config {
  return readConfig({
    WATTPROOF_DIR: options.dir,
    WATTPROOF_URL: options.url,
    WATTPROOF_TOKEN: options.token,
    ...more,
  })
}

/** Like `configOf`, for the installation that is up where no flag selects one. */
export function runningConfigOf(options: PlaceOptions & { readonly port?: string }): Config {
  // Before anything else: a port that does not fit is refused whatever is up.
  configOf(options, { WATTPROOF_PORT: options.port })
  const place = placeOf(options)
  const port = options.port ?? (place.url === undefined ? '' : new URL(place.url).port)
  return configOf(place, { WATTPROOF_PORT: port === '' ? undefined : port })
}

/**
 * A client of the wattproof that the flags select.
 *
 * The token in a folder belongs to that installation. It is sent to this machine only, or to
 * where `--dir` says the installation is; any other host gets only a token given for it.
 */
export function clientOf(
  options: PlaceOptions,
  more: Pick<ApiClientOptions, 'retriesMax'> = {},
): ApiClient {
  refuseOtherFolder(options)
  const place = placeOf(options)
  const config = configOf(place)
  const isOwnInstallation = place.dir !== undefined || isLoopback(new URL(config.url).hostname)
  return createApiClient({
    url: config.url,
    token: isOwnInstallation ? readToken(config) : config.token,
    ...more,
  })
}

/**
 * Asks no other installation than the one that was named.
 *
 * @throws NoInstallationError when the folder holds none.
 * @throws InstallationNotUpError when another answers at the address it would be asked at.
 */
function refuseOtherFolder(options: PlaceOptions): void {
  const { dir, url, given } = configOf(options)
  const isUrlGiven = Boolean(given.WATTPROOF_URL)
  const isNamed = options.dir !== undefined || (given.WATTPROOF_DIR && !isUrlGiven)
  if (!isNamed) return
  checkInstalled(dir)
  const running = listRunning()
  const other = running.find((each) => each.url === url)
  if (isUrlGiven || !other || running.some((each) => each.dir === dir)) return
  throw new InstallationNotUpError({ dir, url, other: other.dir })
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/**
 * Fills in missing flags from the installation that is running.
 *
 * @throws SeveralRunningError when several are running and neither flags nor folder select one.
 */
function placeOf(options: PlaceOptions): PlaceOptions {
  const { dir, url, given } = configOf(options)
  const running = listRunning()
  const [isDirGiven, isUrlGiven] = [given.WATTPROOF_DIR, given.WATTPROOF_URL].map(Boolean)
  if (isDirGiven && isUrlGiven) return options
  const said = running.find((each) => (isUrlGiven ? each.url === url : each.dir === dir))
  if (said) return { ...options, ...said }
  if (isDirGiven || isUrlGiven || running.length === 0) return options
  return { ...options, ...onlyOne(running) }
}

function onlyOne(running: readonly RunningInstallation[]): RunningInstallation {
  if (running.length > 1) throw new SeveralRunningError({ dirs: running.map(({ dir }) => dir) })
  return running[0]!
}
