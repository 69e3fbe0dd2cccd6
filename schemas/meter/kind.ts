/** What a meter measures of its site. */
export const meterKinds = [
  'net',
  'import',
  'export',
  'load',
  'generation',
  'storage',
  'appliance',
] as const
export type MeterKind = (typeof meterKinds)[number]

/**
 * The kind of a meter that was enrolled without one: what a site takes from the grid. It refuses
 * negative values, so that a wrong sign is never stored unnoticed; a site that feeds in is `net`.
 */
export const defaultKind: MeterKind = 'import'

/**
 * Whether a reading below zero can be true.
 *
 * `net`: fed in; `storage`: discharged; `generation`: an inverter that draws power at night. The
 * others are registers that only count up: below zero their reading is a fault, and is refused.
 */
export function mayBeNegative(kind: MeterKind): boolean {
  return kind === 'net' || kind === 'storage' || kind === 'generation'
}

/** Whether it is at the site's connection to the grid; the others are behind it. */
export function isBoundary(kind: MeterKind): boolean {
  return kind === 'net' || kind === 'import' || kind === 'export'
}

export type Sign = 1 | -1

/** Its sign in what the site takes from the grid: what is generated or exported is subtracted. */
export function signOf(kind: MeterKind): Sign {
  return kind === 'export' || kind === 'generation' ? -1 : 1
}
