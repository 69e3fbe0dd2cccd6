import { availableParallelism } from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { FlagValueError } from '../../schemas/errors/commandLine.ts'
import { SettingsError } from '../../schemas/errors/configuration.ts'
import { hideUrl } from '../../schemas/errors/hideUrl.ts'
import type { Address } from '../../schemas/ids.ts'

/**
 * Every setting, in one place, read once. An embedded engine is used wherever no
 * URL is given. The environment is read here and nowhere else.
 */
const whole = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: Bounds = {}) =>
  z.preprocess(
    // Digits only: `Number` would also take 1e3, 0x10 and a blank.
    (text) => (/^\d+$/.test(String(text)) ? Number(text) : text),
    z.int().min(min).max(max),
  )
type Bounds = { readonly min?: number; readonly max?: number }
const token = z.string().min(16).optional()
const url = z.url()
const file = z.string().min(1).optional()
const founders = z
  .string()
  .regex(/^0x[0-9a-f]{40}(\s*,\s*0x[0-9a-f]{40})*$/i, 'is not comma-separated addresses')
  .transform((text) => text.toLowerCase().split(/\s*,\s*/) as Address[])
  .optional()

const keys = {
  WATTPROOF_DIR: z.string().min(1).default('.wattproof').describe('folder of all state'),
  WATTPROOF_HOST: z.string().default('127.0.0.1').describe('address that the API listens on'),
  WATTPROOF_NAMES: z
    .string()
    .regex(
      /^[\w.-]+(,[\w.-]+)*$/,
      'is not comma-separated names, such as wattproof.lan,energy.example',
    )
    .optional()
    .describe('host names of the API, besides localhost and addresses'),
  WATTPROOF_PROXIES: z
    .string()
    .regex(
      /^[\da-f.:]+(\/\d+)?(,[\da-f.:]+(\/\d+)?)*$/i,
      'is not comma-separated addresses or networks, such as 127.0.0.1,10.1.0.0/16',
    )
    .optional()
    .describe('reverse proxies before the API: their X-Forwarded-For names the caller'),
  WATTPROOF_PORT: whole({ max: 65_535 }).default(8420).describe('port of the API'),
  WATTPROOF_LISTEN_FDS: z
    .string()
    .regex(/^\d+(,\d+)*$/, 'is not comma-separated descriptors, such as 3')
    .optional()
    .describe('sockets to listen on instead, as descriptors (3 is that of a systemd socket unit)'),
  WATTPROOF_URL: url.optional().describe('where a running wattproof is (CLI, validators)'),
  WATTPROOF_TOKEN: token.describe('bearer token; DIR/token when absent'),
  LOG_URL: z.string().optional().describe('log; embedded LMDB when absent'),
  VIEWS_URL: url.optional().describe('ClickHouse over HTTP; embedded when absent'),
  JOBS_URL: url.optional().describe('postgres:// or redis://; embedded PostgreSQL when absent'),
  CHAIN_URL: url.optional().describe('JSON-RPC of an EVM chain; embedded anvil when absent'),
  WATTPROOF_CHAIN_EMBEDDED: z.stringbool().default(false).describe('CHAIN_URL is our own anvil'),
  WATTPROOF_PARTITIONS: whole({ min: 1, max: 256 })
    .default(2)
    .describe('partitions of readings.v1'),
  WATTPROOF_LOG_RETAIN_RECORDS: whole({ min: 10_000 })
    .optional()
    .describe('minimum number of records a log partition keeps; all when absent'),
  WATTPROOF_LEASE_S: whole({ min: 1, max: 300 })
    .default(10)
    .describe(
      'other processes of a layer take over from one that was silent for this long (seconds)',
    ),
  WATTPROOF_SPEED_PROCESSES: whole({ min: 1, max: 64 })
    .default(1)
    .describe('processes of the speed layer that `up` starts; they share the partitions'),
  WATTPROOF_BATCH_PROCESSES: whole({ min: 1, max: 64 })
    .default(1)
    .describe('processes of the batch layer that `up` starts; they share the partitions'),
  WATTPROOF_LATENESS_S: whole().default(3600).describe('how late a reading may arrive (seconds)'),
  WATTPROOF_SPEED_CELLS: whole({ min: 1 })
    .default(6_000_000)
    .describe('capacity of the speed layer, in cells (one interval of one meter, 121 bytes)'),
  WATTPROOF_IDLE_S: whole({ min: 1 })
    .default(300)
    .describe('a partition without records for this long is idle (seconds)'),
  WATTPROOF_QUIET_S: whole({ min: 1 })
    .default(60)
    .describe('closed days are recomputed when no late reading has come for this long (seconds)'),
  WATTPROOF_SHARDS: whole({ min: 1, max: 64 })
    .optional()
    .describe('processes that a recompute is divided among; as many as cores when absent'),
  WATTPROOF_BAND_WH: whole()
    .default(1500)
    .describe('deviation of the last hour that counts as normal (Wh)'),
  WATTPROOF_CLOCK: z
    .enum(['system', 'simulated'])
    .default('system')
    .describe('time of the system, or simulated for the demo and tests'),
  WATTPROOF_SCHEDULE: z
    .enum(['daily', 'manual'])
    .default('daily')
    .describe('when batch runs start: daily by themselves, or on demand'),
  WATTPROOF_VALIDATORS: whole({ max: 64 })
    .default(4)
    .describe(
      'validators that `up` starts; 0: settlements are never attested unless founders do it',
    ),
  WATTPROOF_VALIDATOR: z
    .union([z.literal('all'), whole()], 'is not `all` or the index of a validator')
    .optional()
    .describe('index of the validator this process runs, or `all` of WATTPROOF_VALIDATORS'),
  WATTPROOF_VALIDATOR_KEYSTORE: file.describe('JSON keystore of a validator with its own key'),
  WATTPROOF_VALIDATOR_PASSWORD_FILE: file.describe('file with the password of that keystore'),
  WATTPROOF_VALIDATOR_TOKEN: token.describe(
    'authorizes only what validators do; default: DIR/validator-token',
  ),
  WATTPROOF_FOUNDERS: founders.describe(
    'comma-separated founders; default: the validators of `up`',
  ),
  WATTPROOF_CHALLENGE_S: whole({ min: 1 })
    .default(3600)
    .describe('how long a settlement can be challenged (seconds)'),
  WATTPROOF_GENESIS_PERIODS: whole({ min: 1 })
    .default(8)
    .describe('settlements until genesis stake is 0'),
  WATTPROOF_GENESIS_MICROS: whole()
    .default(100_000)
    .describe('genesis stake of a founder (millionths of a token)'),
  WATTPROOF_FUND_MICROS: whole()
    .default(1_000_000_000)
    .describe('minted to the vault when the token is our own (millionths)'),
  WATTPROOF_SEED: z
    .string()
    .optional()
    .describe('seed of all keys and salts (demo and tests only)'),
  WATTPROOF_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
} as const

const secretKeys = new Set<string>([
  ...['WATTPROOF_TOKEN', 'WATTPROOF_VALIDATOR_TOKEN', 'WATTPROOF_SEED'],
])
const urlKeys = new Set<string>(['LOG_URL', 'VIEWS_URL', 'JOBS_URL', 'CHAIN_URL', 'WATTPROOF_URL'])
const schema = z.strictObject(keys)

export type Environment = Readonly<Record<string, string | undefined>>
export type Config = ReturnType<typeof readConfig>

/**
 * The configuration of this process.
 *
 * @param overrides values from flags; they win over the environment.
 * @throws SettingsError for an unknown `WATTPROOF_…` key or a value that does not fit.
 * @throws FlagValueError when only values of flags do not fit.
 */
export function readConfig(overrides: Environment = {}, environment: Environment = process.env) {
  const given = { ...ours(environment), ...defined(overrides) }
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    throw refusalOf(parsed.error.issues, defined(overrides))
  }
  const value = parsed.data
  return {
    dir: path.resolve(value.WATTPROOF_DIR),
    host: value.WATTPROOF_HOST,
    names: value.WATTPROOF_NAMES?.split(',') ?? [],
    proxies: value.WATTPROOF_PROXIES?.split(',') ?? [],
    port: value.WATTPROOF_PORT,
    listenFds: value.WATTPROOF_LISTEN_FDS?.split(',').map(Number) ?? null,
    url: value.WATTPROOF_URL ?? `http://127.0.0.1:${value.WATTPROOF_PORT}`,
    token: value.WATTPROOF_TOKEN ?? null,
    logUrl: value.LOG_URL ?? null,
    viewsUrl: value.VIEWS_URL ?? null,
    jobsUrl: value.JOBS_URL ?? null,
    chainUrl: value.CHAIN_URL ?? null,
    isChainEmbedded: value.WATTPROOF_CHAIN_EMBEDDED,
    partitions: value.WATTPROOF_PARTITIONS,
    logRetainRecords: value.WATTPROOF_LOG_RETAIN_RECORDS ?? null,
    leaseS: value.WATTPROOF_LEASE_S,
    speedProcesses: value.WATTPROOF_SPEED_PROCESSES,
    batchProcesses: value.WATTPROOF_BATCH_PROCESSES,
    latenessS: value.WATTPROOF_LATENESS_S,
    speedCells: value.WATTPROOF_SPEED_CELLS,
    idleS: value.WATTPROOF_IDLE_S,
    quietS: value.WATTPROOF_QUIET_S,
    shards: value.WATTPROOF_SHARDS ?? availableParallelism(),
    bandWh: value.WATTPROOF_BAND_WH,
    clock: value.WATTPROOF_CLOCK,
    schedule: value.WATTPROOF_SCHEDULE,
    validators: value.WATTPROOF_VALIDATORS,
    validator: value.WATTPROOF_VALIDATOR ?? null,
    validatorKeystore: value.WATTPROOF_VALIDATOR_KEYSTORE ?? null,
    validatorPasswordFile: value.WATTPROOF_VALIDATOR_PASSWORD_FILE ?? null,
    validatorToken: value.WATTPROOF_VALIDATOR_TOKEN ?? null,
    founders: value.WATTPROOF_FOUNDERS ?? null,
    challengeWindowS: value.WATTPROOF_CHALLENGE_S,
    genesisPeriods: value.WATTPROOF_GENESIS_PERIODS,
    genesisMicros: value.WATTPROOF_GENESIS_MICROS,
    fundMicros: value.WATTPROOF_FUND_MICROS,
    seed: value.WATTPROOF_SEED ?? null,
    logLevel: value.WATTPROOF_LOG_LEVEL,
    given,
  }
}

/** Flags by the key they override: a refusal names what was typed. */
const flags: Readonly<Record<string, string>> = {
  WATTPROOF_DIR: '--dir',
  WATTPROOF_URL: '--url',
  WATTPROOF_TOKEN: '--token',
  WATTPROOF_PORT: '--port',
}

function refusalOf(issues: readonly z.core.$ZodIssue[], overrides: Environment): Error {
  const typed: string[] = []
  const configured: string[] = []
  for (const issue of issues) {
    const isUnknown = issue.code === 'unrecognized_keys'
    const key = isUnknown ? issue.keys.join(', ') : issue.path.join('.')
    const flag = key in overrides ? flags[key] : undefined
    const what = isUnknown ? 'is not a setting' : reasonOf(issue)
    if (flag === undefined) configured.push(`${key} ${what}`)
    else typed.push(`${flag} ${what}`)
  }
  return configured.length > 0
    ? new SettingsError({ issues: [...configured, ...typed] })
    : new FlagValueError({ issues: typed })
}

/** The rest of a sentence that begins with the name of the setting. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string'
        ? `is shorter than ${issue.minimum} characters`
        : `is less than ${issue.minimum}`
    case 'too_big':
      return `is more than ${issue.maximum}`
    case 'invalid_type':
      return 'is not a whole number'
    case 'invalid_value':
      return `is not one of ${issue.values.join(', ')}`
    case 'invalid_format':
      return issue.format === 'url' ? 'is not a URL, such as http://127.0.0.1:8420' : issue.message
    default:
      return issue.message
  }
}

/** The environment of a child process: the same settings plus its own. */
export function childEnvironment(config: Config, more: Environment): NodeJS.ProcessEnv {
  return { ...process.env, ...config.given, WATTPROOF_DIR: config.dir, ...defined(more) }
}

/** Each key with its value and meaning; passwords in URLs and secrets are redacted. */
export function describeConfig(config: Config): Record<string, { value: unknown; about: string }> {
  const entries = Object.entries(keys).map(([key, type]) => {
    const value = (config.given as Record<string, string | undefined>)[key]
    const shown = value ?? type.safeParse(undefined).data ?? null
    const about = type.description ?? 'lowest level of log entries'
    return [key, { value: redact(key, shown), about }] as const
  })
  return Object.fromEntries(entries)
}

function redact(key: string, value: unknown): unknown {
  if (value === null) return null
  if (secretKeys.has(key)) return '(secret)'
  if (!urlKeys.has(key) || typeof value !== 'string') return value
  return hideUrl(value)
}

function ours(environment: Environment): Record<string, string> {
  const isOurs = (key: string) => key.startsWith('WATTPROOF_') || key in keys
  return defined(Object.fromEntries(Object.entries(environment).filter(([key]) => isOurs(key))))
}

function defined(values: Environment): Record<string, string> {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && entry[1] !== ''
  })
  return Object.fromEntries(entries)
}
