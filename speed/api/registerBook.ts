import type { Views } from '../../schemas/ports/views.ts'
import { type KeptRegister, type RegisterRead, ruleText } from '../../schemas/reading/register.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import {
  type DerivedWord,
  deriveWords,
  type RegisterFound,
} from '../ingest/register/deriveWords.ts'
import { groupBy } from './groupBy.ts'
import { type RegistersByMeter, readRegisters } from './readRegisters.ts'
import { rangeOf, type Said, takeIndependent, type Waiting } from './registerQueue.ts'
import { type RegisterPorts, takeOutRegisters } from './takeOutRegisters.ts'
import { type BookEntry, entryOf, joinIngests } from './wordsOfRegisters.ts'

/**
 * The cumulative registers of all meters, which are differenced across files and requests.
 *
 * The words that follow from registers are records of the log, as every word is; the book has what
 * the next request is differenced against. So a restart or a replay asks it nothing, and meters
 * without registers cost nothing.
 */
export type RegisterBook = {
  /** What would be said; nothing is kept. */
  look(registers: readonly RegisterRead[], nowMs: EpochMs): Promise<BookEntry>
  /**
   * Takes the registers of a request: `append` puts the words into the log, and only then, and
   * unless it answers null, are the registers kept. A request that was cut between the two says
   * the same words when it is repeated.
   *
   * Requests for one meter take turns: each differences its registers with those of the requests
   * before it.
   */
  take<Answer>(
    registers: readonly RegisterRead[],
    nowMs: EpochMs,
    append: (entry: BookEntry) => Promise<Answer>,
  ): Promise<Answer>
  /**
   * Takes out the registers of an ingest that was withdrawn, and says anew what the others say.
   * Idempotent: once more it completes what was cut.
   *
   * @returns the last offset in each partition of what it said.
   */
  withdraw(ingest: string): Promise<Record<string, number>>
  /** Completes what a kill has cut, of withdrawals that the archive knows. */
  finish(): Promise<readonly string[]>
}

export function openRegisterBook(options: RegisterPorts): RegisterBook {
  const { views, registry } = options
  const inTurn = openTurns()
  const versions = openVersions()
  const waiting: Waiting[] = []
  const enter = (stored: Stored, { registers, nowMs }: Said) => {
    const fresh = versions(registers, { stored, nowMs })
    return { fresh, stored, ...derive({ fresh, stored, registry }) }
  }
  const takeNext = async () => {
    const batch = takeIndependent(waiting)
    if (batch.length > 0) await takeTogether(views, batch, enter)
  }
  return {
    look: async (registers, nowMs) => {
      return entryOf(enter(await readStored(views, registers), { registers, nowMs }))
    },
    take: (registers, nowMs, append) => {
      return new Promise((resolve, reject) => {
        waiting.push({ registers, nowMs, append, resolve: resolve as Waiting['resolve'], reject })
        void inTurn(takeNext)
      })
    },
    withdraw: (ingest) => inTurn(() => takeOutRegisters(options, ingest)),
    finish: async () => {
      const cut = await views.query('registers_to_withdraw')
      for (const { ingest } of cut) await inTurn(() => takeOutRegisters(options, ingest))
      return cut.map(({ ingest }) => ingest)
    },
  }
}

/** One after another, whether or not the one before failed. */
function openTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const own = last.then(work)
    last = own.catch(() => {})
    return own
  }
}

/** No two of this process are the same, and none is before those that are there. */
function openVersions() {
  let next = 0
  return (
    registers: readonly RegisterRead[],
    { stored, nowMs }: { stored: Stored; nowMs: number },
  ) => {
    next = Math.max(nowMs * 1000, next, latestOf(stored) + 1)
    return registers.map((each): KeptRegister => ({ ...each, version: next++ }))
  }
}

type Enter = (stored: Stored, said: Said) => Entered

/**
 * Takes requests of different meters: they ask the store together and are kept together, and each
 * is answered for itself.
 */
async function takeTogether(
  views: Pick<Views, 'query' | 'insert'>,
  batch: readonly Waiting[],
  enter: Enter,
): Promise<void> {
  try {
    const stored = await readStored(
      views,
      batch.flatMap(({ registers }) => registers),
    )
    const takeOne = async (each: Waiting) => {
      const entered = enter(stored, each)
      await joinIngests(views, entered.words)
      const answer = await each.append(entryOf(entered))
      return { answer, rows: answer === null ? [] : rowsToKeep(entered) }
    }
    const taken = await Promise.allSettled(batch.map(takeOne))
    const rows = taken.flatMap((each) => (each.status === 'fulfilled' ? each.value.rows : []))
    if (rows.length > 0) await views.insert('registers', rows)
    for (const [at, each] of taken.entries()) {
      if (each.status === 'fulfilled') batch[at]!.resolve(each.value.answer)
      else batch[at]!.reject(each.reason)
    }
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

/** By source. */
type Stored = ReadonlyMap<string, RegistersByMeter>

type Entered = {
  readonly fresh: readonly KeptRegister[]
  readonly stored: Stored
  readonly words: readonly DerivedWord[]
  readonly found: readonly RegisterFound[]
}

async function readStored(
  views: Pick<Views, 'query'>,
  registers: readonly RegisterRead[],
): Promise<Stored> {
  const stored = new Map<string, RegistersByMeter>()
  for (const [source, own] of groupBy(registers, (each) => each.source)) {
    const meters = [...new Set(own.map(({ meter }) => meter))]
    const asked = { source, meters, range: rangeOf(own), withdrawn: [] }
    stored.set(source, await readRegisters(views, asked))
  }
  return stored
}

function latestOf(stored: Stored): number {
  let latest = 0
  for (const byMeter of stored.values()) {
    for (const registers of byMeter.values()) {
      for (const { version } of registers) latest = Math.max(latest, version)
    }
  }
  return latest
}

type Deriving = Pick<Entered, 'fresh' | 'stored'> & Pick<RegisterPorts, 'registry'>

function derive({ fresh, stored, registry }: Deriving): Pick<Entered, 'words' | 'found'> {
  const words: DerivedWord[] = []
  const found = new Map<number, RegisterFound>()
  for (const own of groupBy(fresh, ({ source, meter }) => `${meter} ${source}`).values()) {
    const { source, meter } = own[0]!
    const enrolled = registry.get(meter)
    if (!enrolled) continue
    const derived = deriveWords(stored.get(source)?.get(meter) ?? [], own, enrolled)
    for (const word of derived.words) words.push(word)
    for (const [at, { version }] of own.entries()) found.set(version, derived.found[at]!)
  }
  const nothing = { gap: null, refusal: null }
  return { words, found: fresh.map(({ version }) => found.get(version) ?? nothing) }
}

/** All but what is there already, word for word. */
function rowsToKeep({ fresh, stored }: Pick<Entered, 'fresh' | 'stored'>) {
  const counting = new Map<string, KeptRegister>()
  for (const { source, meter } of fresh) {
    for (const each of stored.get(source)?.get(meter) ?? []) {
      counting.set(`${meter} ${each.atMs} ${source}`, each)
    }
  }
  const others = fresh.filter((each) => {
    const known = counting.get(`${each.meter} ${each.atMs} ${each.source}`)
    return !known || textOf(known) !== textOf(each)
  })
  return others.map(rowOf)
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
