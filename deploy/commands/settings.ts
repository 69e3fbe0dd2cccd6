import type { Command } from 'commander'
import { type ApiClient, createApiClient } from '../client.ts'
import { type Config, type Environment, readConfig } from '../config.ts'
import { readToken } from '../installation/secrets.ts'

export type PlaceOptions = { readonly dir?: string; readonly url?: string; readonly token?: string }

/** Flags of commands that talk to a running wattproof. */
export function withPlace(command: Command): Command {
  return command
    .option('--dir <dir>', 'folder of the installation whose token is sent')
    .option('--url <url>', 'where it listens, such as http://127.0.0.1:8420')
    .option('--token <token>', 'bearer token; WATTPROOF_TOKEN does the same, unseen by others')
}

export function configOf(options: PlaceOptions, more: Environment = {}): Config {
  return readConfig({
    WATTPROOF_DIR: options.dir,
    WATTPROOF_URL: options.url,
    WATTPROOF_TOKEN: options.token,
    ...more,
  })
}

/**
 * A client of the wattproof that the flags name.
 *
 * The token in a folder belongs to that house. It is sent to this machine, or where somebody says
 * by `--dir` that the house is; another house is told only a token that was given for it.
 */
export function clientOf(options: PlaceOptions): ApiClient {
  const config = configOf(options)
  const isOwnHouse = options.dir !== undefined || isLoopback(config.url)
  return createApiClient({ url: config.url, token: isOwnHouse ? readToken(config) : config.token })
}

function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}
