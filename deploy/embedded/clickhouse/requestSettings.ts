import {
  ParameterNameError,
  SettingDeniedError,
} from '../../../schemas/errors/embeddedClickHouse.ts'

/** Settings that a request may change; all others keep the engine's values. */
const allowed = new Set([
  'max_execution_time',
  'max_result_rows',
  'max_result_bytes',
  'max_memory_usage',
  'result_overflow_mode',
  'timeout_overflow_mode',
  'insert_deduplication_token',
  'max_partitions_per_insert_block',
  'async_insert',
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_denormals',
  'output_format_arrow_compression_method',
  'output_format_arrow_string_as_string',
  'output_format_arrow_low_cardinality_as_dictionary',
])

/** Part of the HTTP interface, not settings of the engine. */
const transport = new Set(['query', 'database', 'query_id', 'default_format', 'wait_end_of_query'])

/** Limits that apply to every request. */
const ceilings: Readonly<Record<string, number>> = {
  max_execution_time: 120,
  max_memory_usage: 4_000_000_000,
}

export type RequestSettings = {
  readonly settings: ReadonlyMap<string, string>
  readonly parameters: ReadonlyMap<string, string>
}

/** @throws ClickHouseFailure for a setting that is not on the list. */
export function readSettings(pairs: Iterable<readonly [string, string]>): RequestSettings {
  const settings = new Map(Object.entries(ceilings).map(([name, most]) => [name, String(most)]))
  const parameters = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (name.startsWith('param_')) parameters.set(checkName(name.slice(6)), value)
    else if (allowed.has(name)) settings.set(name, limited(name, value))
    else if (!transport.has(name)) throw new SettingDeniedError({ name })
  }
  return { settings, parameters }
}

/** `a='1', b=2`: a clause of the statement itself, which leaves nothing on the session. */
export function settingsClause({ settings }: Pick<RequestSettings, 'settings'>): string {
  return [...settings].map(([name, value]) => `${name}=${literal(name, value)}`).join(', ')
}

/** For a statement that says its own (`settingsClause`) and has no parameters. */
export const noSettings: RequestSettings = { settings: new Map(), parameters: new Map() }

/** `SET a='1',param_b='x'`. */
export function setStatement({ settings, parameters }: RequestSettings): string {
  const pairs = [
    settingsClause({ settings }),
    ...[...parameters].map(([name, value]) => `\`param_${name}\`=${quote(value)}`),
  ]
  return `SET ${pairs.join(', ')}`
}

/** Resets what `setStatement` set: the session serves another request next. */
export function resetStatement({ settings, parameters }: RequestSettings): string {
  const pairs = [
    ...[...settings.keys()].map((name) => `${name}=DEFAULT`),
    // A parameter cannot be unset, but its value can be cleared.
    ...[...parameters.keys()].map((name) => `\`param_${name}\`=''`),
  ]
  return `SET ${pairs.join(', ')}`
}

function limited(name: string, value: string): string {
  const most = ceilings[name]
  if (most === undefined) return value
  const number = Number(value)
  return number > 0 && number < most ? String(number) : String(most)
}

function literal(name: string, value: string): string {
  const isNumber = /^-?\d{1,19}(\.\d+)?$/.test(value) && name !== 'insert_deduplication_token'
  return isNumber ? value : quote(value)
}

function quote(value: string): string {
  return `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
}

function checkName(name: string): string {
  if (/^\w{1,64}$/.test(name)) return name
  throw new ParameterNameError()
}
