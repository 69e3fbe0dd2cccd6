import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { NoInstallationError } from '../../schemas/errors/commandLine.ts'
import {
  OtherSecretError,
  SecretLostError,
  TokenEmptyError,
} from '../../schemas/errors/installation.ts'
import { localFileError } from '../../schemas/errors/localFile.ts'
import { deriveSecret, fromHex, toHex } from '../../schemas/hash.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import type { Config } from './config.ts'
import { writeOnce } from './writeWhole.ts'

/**
 * The secrets of an installation. All are derived from one master secret: 32 random
 * bytes in `DIR/secret` (mode 600), or a seed where runs must be reproducible (demo, tests).
 */
export type Secrets = {
  readonly master: Uint8Array
  readonly token: string
  /** Authorizes only what a validator needs; may be given to an external one. */
  readonly validatorToken: string
  /** One of each store. */
  readonly viewsPassword: string
  readonly jobsPassword: string
  /** For the embedded chain. Not the stores' password: a validator may have this one alone. */
  readonly chainPassword: string
  /** Private key of a role: `operator`, `guardian`, `validator-0`, `home-MAC000005`. */
  keyOf(role: string): Hex32
}

export function openSecrets(config: Config): Secrets {
  makeFolder(config.dir)
  const master = config.seed
    ? deriveSecret(utf8ToBytes(config.seed), 'wattproof')
    : keepMaster(path.join(config.dir, 'secret'))
  checkOrigin(config.dir, master)
  const keepToken = (name: string) => {
    const file = path.join(config.dir, name)
    const token = keep(file, () => toHex(deriveSecret(master, name)).slice(2, 42))
    // An empty token is no secret.
    if (token === '') throw new TokenEmptyError({ file })
    return token
  }
  const passwordOf = (store: string) => toHex(deriveSecret(master, `engine:${store}`)).slice(2, 34)
  return {
    master,
    token: config.token ?? keepToken('token'),
    validatorToken: config.validatorToken ?? keepToken('validator-token'),
    chainPassword: keepToken(chainPasswordFile),
    viewsPassword: passwordOf('views'),
    jobsPassword: passwordOf('jobs'),
    keyOf: (role) => toHex(deriveSecret(master, `key:${role}`)),
  }
}

function keepMaster(file: string): Uint8Array {
  const text = keep(file, () => toHex(randomBytes(32)))
  if (/^0x[0-9a-f]{64}$/.test(text)) return fromHex(text)
  throw new SecretLostError({ file })
}

/**
 * Refuses a folder whose keys were derived from another secret: its contracts, salts and engines
 * would not accept ours.
 */
function checkOrigin(dir: string, master: Uint8Array): void {
  const mark = toHex(deriveSecret(master, 'origin')).slice(2, 18)
  if (keep(path.join(dir, 'origin'), () => mark) === mark) return
  throw new OtherSecretError({ dir })
}

const chainPasswordFile = 'chain-password'

/** The token of a running installation, for the command line. */
export function readToken(config: Config): string | null {
  return config.token ?? readKept(path.join(config.dir, 'token'))
}

/** The password of the embedded chain; null where none was ever started. */
export function readChainPassword({ dir }: Pick<Config, 'dir'>): string | null {
  return readKept(path.join(dir, chainPasswordFile))
}

function readKept(file: string): string | null {
  return existsSync(file) ? naming(file, () => readFileSync(file, 'utf8').trim()) : null
}

/** @throws NoInstallationError when nothing was ever started in a folder. */
export function checkInstalled(dir: string): void {
  // `stat` and not `exists`: a folder that may not be read is refused as such.
  const has = (name: string) => {
    return naming(dir, () => statSync(path.join(dir, name), { throwIfNoEntry: false }))
  }
  if (!has('origin') && !has('token')) throw new NoInstallationError({ dir })
}

/** @throws LocalFileError when it is a file, or may not be made. */
export function makeFolder(dir: string): void {
  naming(dir, () => mkdirSync(dir, { recursive: true, mode: 0o700 }))
}

function keep(file: string, make: () => string): string {
  return naming(file, () => {
    if (!existsSync(file)) writeOnce(file, `${make()}\n`)
    return readFileSync(file, 'utf8').trim()
  })
}

/** A refusal names the file itself, not the temporary one that becomes it. */
function naming<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw localFileError(error, file)
  }
}
