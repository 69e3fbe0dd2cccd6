/** Formats numbers with a no-break space before the unit, and times of the site. */
const formats = new Map<string, Intl.NumberFormat>()

/** mWh as kWh with three decimals below one, fewer above: within the precision of a meter. */
export function kwh(mwh: number | string | null | undefined): string {
  if (mwh === null || mwh === undefined) return '–'
  const value = Number(mwh) / 1e6
  const size = Math.abs(value)
  const digits = size === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3
  return `${decimal(value, digits, digits)}\u00a0kWh`
}

/** A formatted quantity in its two parts, so that the unit can be set smaller. */
export function splitUnit(text: string): readonly [figure: string, unit: string] {
  const [figure = '', unit = ''] = text.split('\u00a0')
  return [figure, unit]
}

export function kw(watts: number | null | undefined): string {
  if (watts === null || watts === undefined || Number.isNaN(watts)) return '–'
  const size = Math.abs(watts)
  if (size < 999.5) return `${decimal(watts, 0)}\u00a0W`
  const digits = size >= 99_950 ? 0 : size >= 9_995 ? 1 : 2
  return `${decimal(watts / 1000, digits, digits)}\u00a0kW`
}

/** Micros of a currency with two decimals; smaller amounts are marked as such. */
export function money(micros: number | string | bigint, currency = 'GBP'): string {
  const value = Number(micros) / 1e6
  const isTiny = value !== 0 && Math.abs(value) < 0.005
  return isTiny ? `< ${currencyText(0.01, currency, 2)}` : currencyText(value, currency, 2)
}

/** A price per kWh: to the last millionth, since it is multiplied. */
export function price(micros: number | string, currency: string): string {
  return currencyText(Number(micros) / 1e6, currency, 6)
}

function currencyText(value: number, currency: string, digitsMax: number): string {
  const key = `${currency}/${digitsMax}`
  const options = { style: 'currency', currency, minimumFractionDigits: 2 } as const
  const format =
    formats.get(key) ??
    new Intl.NumberFormat('en-GB', { ...options, maximumFractionDigits: digitsMax })
  formats.set(key, format)
  return minus(format.format(value))
}

/** Stake, in units of the programme's token: six decimals as the currency has. */
export function tokens(micros: number | string): string {
  return `${decimal(Number(micros) / 1e6, 2, 2)}\u00a0WATT`
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–'
  const digits = share !== 0 && Math.abs(share) < 0.0995 ? 1 : 0
  return `${decimal(share * 100, digits, digits)}\u00a0%`
}

export function count(value: number | string | null | undefined): string {
  return value === null || value === undefined ? '–' : decimal(Number(value), 0)
}

export function decimal(value: number, digitsMax: number, digitsMin = 0): string {
  const key = `${digitsMin}/${digitsMax}`
  const format =
    formats.get(key) ??
    new Intl.NumberFormat('en-GB', {
      maximumFractionDigits: digitsMax,
      minimumFractionDigits: digitsMin,
    })
  formats.set(key, format)
  return minus(format.format(value))
}

/** Local time of the site; optionally with the date. */
export function clockTime(iso: string | number, zone: string, withDate = false): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const time = timeFormat(zone, options).format(new Date(iso))
  return withDate ? `${dayName(iso, zone)}, ${time}` : time
}

/** `11 Feb 2013`, local to the site. */
export function dayName(iso: string | number, zone: string): string {
  const options = { day: 'numeric', month: 'short', year: 'numeric' } as const
  return timeFormat(zone, options).format(new Date(iso))
}

/** `2 min`, `3 h 20 min`, `4 s`: a duration. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds}\u00a0s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes}\u00a0min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.round(hours / 24)}\u00a0days`
  return minutes % 60 === 0 ? `${hours}\u00a0h` : `${hours}\u00a0h ${minutes % 60}\u00a0min`
}

/** `0x12345678…cdef`: shortened; the title has the full hash. */
export function shortHash(hash: string | null | undefined): string {
  return hash ? `${hash.slice(0, 10)}…${hash.slice(-4)}` : '–'
}

const times = new Map<string, Intl.DateTimeFormat>()

function timeFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}/${JSON.stringify(options)}`
  const format = times.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options })
  times.set(key, format)
  return format
}

/** Uses the minus sign rather than a hyphen, and none for zero. */
function minus(text: string): string {
  return /^-[^1-9]*$/.test(text) ? text.slice(1) : text.replace('-', '−')
}
