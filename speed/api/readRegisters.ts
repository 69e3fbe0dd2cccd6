import type { MeterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type KeptRegister, noRule, ruleOfText } from '../../schemas/reading/register.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'

/** Registers of one source, by meter, in the order of time. */
export type RegistersByMeter = ReadonlyMap<string, readonly KeptRegister[]>

export type RegistersAsked = {
  readonly source: string
  readonly meters: readonly MeterId[]
  /** Closed: from the first to the last instant. */
  readonly range: TimeRange
  /** Beside those that the archive knows, or that were taken out. */
  readonly withdrawn: readonly string[]
  /** Only those of smaller versions. */
  readonly before?: number
}

/**
 * So many on either side of a time as decide what is in it, and more: `differenceSeries` looks at
 * four before a register and one behind it, and the first ones may be mistakes.
 */
const besideMin = 12
/** Where they mostly are, so that the history of a meter is seldom read. */
const besideMs = 2 * 86_400_000
/** Parameters are part of the URL, whose length servers limit. */
const metersMax = 500
const everyRow = 2 ** 32 - 1
const everyVersion = Number.MAX_SAFE_INTEGER
const storedMsMax = Date.UTC(2299, 11, 31)

/** The counting registers of some meters in a time, and some on either side of it. */
export async function readRegisters(
  views: Pick<Views, 'query'>,
  { source, meters, range, withdrawn, before: versionBefore = everyVersion }: RegistersAsked,
): Promise<RegistersByMeter> {
  const found = new Map<string, KeptRegister[]>()
  const nearMs = { from_ms: range.startMs - besideMs, to_ms: range.endMs + 1 + besideMs }
  for (let at = 0; at < meters.length; at += metersMax) {
    const own = meters.slice(at, at + metersMax)
    const ask = async (some: readonly MeterId[], more: Sides) => {
      if (some.length === 0) return
      const asked = { meters: some, source, withdrawn, before: versionBefore, ...more }
      for (const row of await views.query('registers', asked)) add(found, registerOf(row, source))
    }
    await ask(own, { ...nearMs, last: 0, limit: everyRow })
    const lacks = (isBeside: (atMs: EpochMs) => boolean) => {
      return own.filter((meter) => {
        const near = found.get(meter)?.filter(({ atMs }) => isBeside(atMs)) ?? []
        return near.length < besideMin
      })
    }
    const before = lacks((atMs) => atMs < range.startMs)
    const after = lacks((atMs) => atMs > range.endMs)
    await ask(before, { from_ms: 0, to_ms: nearMs.from_ms, last: 1, limit: besideMin })
    await ask(after, { from_ms: nearMs.to_ms, to_ms: storedMsMax, last: 0, limit: besideMin })
  }
  for (const own of found.values()) own.sort((left, right) => left.atMs - right.atMs)
  return found
}

/** Others that come so far away change nothing in a time. */
const touchMs = 40 * 86_400_000

/** So many records as there are of each meter in a time and on either side of it. */
export async function countRegisters(
  views: Pick<Views, 'query'>,
  { source, meters, range }: Pick<RegistersAsked, 'source' | 'meters' | 'range'>,
): Promise<readonly RowOf<'register_counts'>[]> {
  const found: RowOf<'register_counts'>[] = []
  const time = { from_ms: range.startMs - touchMs, to_ms: range.endMs + touchMs }
  for (let at = 0; at < meters.length; at += metersMax) {
    const some = meters.slice(at, at + metersMax)
    const rows = await views.query('register_counts', { meters: some, source, ...time })
    for (const row of rows) found.push(row)
  }
  return found
}

type Sides = { from_ms: number; to_ms: number; last: number; limit: number }

function add(found: Map<string, KeptRegister[]>, register: KeptRegister): void {
  const own = found.get(register.meter)
  if (own) own.push(register)
  else found.set(register.meter, [register])
}

function registerOf(row: RowOf<'registers'>, source: string): KeptRegister {
  return {
    meter: row.meter,
    atMs: row.at_ms,
    valueMwh: row.value_mwh,
    stepS: row.step_s === 0 ? null : row.step_s,
    rule: ruleOfText(row.rule) ?? noRule,
    powerW: row.power_w,
    reactiveVar: row.reactive_var,
    quality: row.quality,
    standing: row.standing,
    revision: row.revision,
    saidAtMs: row.said_at_ms,
    source,
    ingest: row.ingest,
    version: row.version,
  }
}
