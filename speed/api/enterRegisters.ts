import type { Views } from '../../schemas/ports/views.ts'
import { type KeptRegister, type RegisterRead, ruleText } from '../../schemas/reading/register.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import {
  type DerivedWord,
  deriveWords,
  type RegisterFound,
  reviseWords,
} from '../ingest/register/deriveWords.ts'
import { groupBy } from './groupBy.ts'
import { countRegisters, type RegistersByMeter, readRegisters } from './readRegisters.ts'
import { rangeOf } from './registerQueue.ts'
import type { RegisterPorts } from './takeOutRegisters.ts'

type Store = Pick<Views, 'query'>

/** By source. */
export type Stored = ReadonlyMap<string, RegistersByMeter>

/** What is there of the meters of some registers, and so many records of each meter and source. */
export type Known = { readonly stored: Stored; readonly counts: Counts }

/** By `seriesOf`. */
export type Counts = ReadonlyMap<string, number>

/** What the registers of a request say together with those that are there. */
export type Entered = {
  readonly fresh: readonly KeptRegister[]
  readonly words: readonly DerivedWord[]
  /** `[fresh]` */
  readonly found: readonly RegisterFound[]
  /** Series whose registers came more than once before, so that any word may be missing. */
  readonly again: ReadonlySet<string>
  /** What is not there already, word for word. */
  readonly rows: readonly InsertRow<'registers'>[]
}

/** Counted before they are read, so that what comes in between is noticed. */
export async function readKnown(views: Store, registers: readonly RegisterRead[]): Promise<Known> {
  const counts = await countKnown(views, registers)
  return { counts, stored: await readStored(views, registers) }
}

export async function countKnown(
  views: Store,
  registers: readonly RegisterRead[],
): Promise<Counts> {
  const counts = new Map<string, number>()
  for (const asked of askedOf(registers)) {
    for (const { meter, records } of await countRegisters(views, asked)) {
      counts.set(seriesOf({ meter, source: asked.source }), records)
    }
  }
  return counts
}

async function readStored(
  views: Store,
  registers: readonly RegisterRead[],
  before?: number,
): Promise<Stored> {
  const stored = new Map<string, RegistersByMeter>()
  for (const asked of askedOf(registers)) {
    const own = { ...asked, withdrawn: [], ...(before === undefined ? {} : { before }) }
    stored.set(asked.source, await readRegisters(views, own))
  }
  return stored
}

function askedOf(registers: readonly RegisterRead[]) {
  return [...groupBy(registers, (each) => each.source)].map(([source, own]) => {
    return { source, meters: [...new Set(own.map(({ meter }) => meter))], range: rangeOf(own) }
  })
}

export type Series = { readonly meter: string; readonly source: string }

export function seriesOf({ meter, source }: Series): string {
  return `${meter} ${source}`
}

/**
 * What registers say that are new or come again. Those that come again may have been cut before
 * their words were logged: they say what they said among those that were there before them,
 * whatever their ingest is now.
 */
export async function enter(
  { views, registry }: Pick<RegisterPorts, 'views' | 'registry'>,
  fresh: readonly KeptRegister[],
  { stored }: Pick<Known, 'stored'>,
): Promise<Entered> {
  const copies = copiesOf(fresh, stored)
  const first = firstOf(copies.values())
  const earlier = copies.size === 0 ? stored : await readStored(views, fresh, first)
  const repeated = copies.size === 0 ? copies : copiesOf(fresh, earlier)
  const words: DerivedWord[] = []
  const found = new Map<number, RegisterFound>()
  for (const own of groupBy(fresh, seriesOf).values()) {
    const { source, meter } = own[0]!
    const enrolled = registry.get(meter)
    if (!enrolled) continue
    const of = (all: Stored) => all.get(source)?.get(meter) ?? []
    const derived = deriveWords({ stored: of(stored), earlier: of(earlier), fresh: own }, enrolled)
    for (const word of derived.words) words.push(word)
    for (const [at, { version }] of own.entries()) found.set(version, derived.found[at]!)
  }
  const nothing = { gap: null, refusal: null }
  return {
    fresh,
    words,
    found: fresh.map(({ version }) => found.get(version) ?? nothing),
    again: new Set(fresh.filter(({ version }) => repeated.has(version)).map(seriesOf)),
    rows: fresh.filter((each) => !isKept(each, copies.get(each.version))).map(rowOf),
  }
}

/** All that is to be said of the time of some registers, whatever was said before. */
export function enterAnew(
  fresh: readonly RegisterRead[],
  { stored }: Pick<Known, 'stored'>,
  registry: RegisterPorts['registry'],
): readonly DerivedWord[] {
  return [...groupBy(fresh, seriesOf).values()].flatMap((own) => {
    const { source, meter } = own[0]!
    const enrolled = registry.get(meter)
    const left = stored.get(source)?.get(meter) ?? []
    return enrolled ? reviseWords(left, enrolled, rangeOf(own)) : []
  })
}

/** By the version of a register the one of its instant that is there already and says as much. */
function copiesOf(fresh: readonly KeptRegister[], stored: Stored): Copies {
  const counting = new Map<string, KeptRegister>()
  for (const { source, meter } of fresh) {
    for (const each of stored.get(source)?.get(meter) ?? []) {
      counting.set(`${meter} ${each.atMs} ${source}`, each)
    }
  }
  return new Map(
    fresh.flatMap((each) => {
      const known = counting.get(`${each.meter} ${each.atMs} ${each.source}`)
      return known?.valueMwh === each.valueMwh ? [[each.version, known] as const] : []
    }),
  )
}

type Copies = ReadonlyMap<number, KeptRegister>

function firstOf(copies: Iterable<KeptRegister>): number {
  let first = Number.POSITIVE_INFINITY
  for (const { version } of copies) first = Math.min(first, version)
  return first
}

function isKept(register: KeptRegister, copy: KeptRegister | undefined): boolean {
  return copy !== undefined && textOf(copy) === textOf(register)
}

function textOf(register: KeptRegister): string {
  const { version: _, ...row } = rowOf(register)
  return JSON.stringify(row)
}

function rowOf(register: KeptRegister): InsertRow<'registers'> {
  const { meter, source, atMs: at, version, ingest, valueMwh: value_mwh } = register
  const { quality, standing, revision, saidAtMs: said_at } = register
  const { powerW: power_w, reactiveVar: reactive_var, stepS, rule } = register
  return {
    ...{ meter, source, at, version, ingest, value_mwh, quality, standing, revision },
    ...{ said_at, power_w, reactive_var, step_s: stepS ?? 0, rule: ruleText(rule) },
  }
}
