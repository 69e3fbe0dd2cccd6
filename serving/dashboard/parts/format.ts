const decimals = (max: number) => new Intl.NumberFormat('en-GB', { maximumFractionDigits: max })

/** mWh as kWh with at most three significant decimals. */
export function kwh(mwh: number | string | null | undefined): string {
  if (mwh === null || mwh === undefined) return '–'
  const value = Number(mwh) / 1e6
  const size = Math.abs(value)
  return `${decimals(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).format(value)} kWh`
}

export function kw(watts: number | null | undefined): string {
  if (watts === null || watts === undefined || Number.isNaN(watts)) return '–'
  return Math.abs(watts) >= 1000
    ? `${decimals(2).format(watts / 1000)} kW`
    : `${decimals(0).format(watts)} W`
}

/** Micros of a currency with two decimals; small amounts keep what is needed to be seen. */
export function money(micros: number | string | bigint, currency = 'GBP'): string {
  const value = Number(micros) / 1e6
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 4 : 2
  const options = { style: 'currency', currency, minimumFractionDigits: digits } as const
  return new Intl.NumberFormat('en-GB', { ...options, maximumFractionDigits: digits }).format(value)
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share)
    ? '–'
    : `${decimals(share < 0.1 ? 1 : 0).format(share * 100)} %`
}

export function count(value: number | string | null | undefined): string {
  return value === null || value === undefined ? '–' : decimals(0).format(Number(value))
}

/** Local time of the site; the date too when asked. */
export function clockTime(iso: string | number, zone: string, withDate = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    ...(withDate ? { day: 'numeric', month: 'short', year: 'numeric' } : {}),
  }).format(new Date(iso))
}

/** `0x12345678…cdef`: enough to compare by eye; the whole stands in the title. */
export function shortHash(hash: string | null | undefined): string {
  return hash ? `${hash.slice(0, 10)}…${hash.slice(-4)}` : '–'
}
