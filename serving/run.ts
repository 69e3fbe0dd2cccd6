import { EventAnnouncedError } from '../schemas/errors/event.ts'
import { eventProblemOf, sentenceOfEventProblem } from '../schemas/errors/eventProblem.ts'
import { NotFoundError, sentenceOf } from '../schemas/errors/wattproofError.ts'
import { type EventProgress, type EventState, eventStates } from '../schemas/event.ts'
import { keccakOfText } from '../schemas/hash.ts'
import type { EventId } from '../schemas/ids.ts'
import type { Chain } from '../schemas/ports/chain.ts'
import type { Clock } from '../schemas/ports/clock.ts'
import type { Views } from '../schemas/ports/views.ts'
import type { EpochMs } from '../schemas/time.ts'
import { toJson } from '../schemas/units.ts'
import { keepVerdict } from './anchor/keepVerdict.ts'
import { claimEvent, previewClaims } from './claims/claimEvent.ts'
import { announceEvent, firstProgress } from './programme/announceEvent.ts'
import type { EventDraft, ServingCommands } from './programme/commands.ts'
import { gatherFacts } from './programme/gatherFacts.ts'
import { nextStep } from './programme/nextStep.ts'
import { performStep } from './programme/performStep.ts'
import { type Rerun, rerunSettlement } from './programme/rerunSettlement.ts'
import { sentenceOfUnmeasured } from './settlement/unmeasured.ts'
import { openEventStore } from './store/eventStore.ts'
import { isSameEvent } from './store/progressJson.ts'
import type { ServingShell } from './store/servingShell.ts'

export type RunServingOptions = {
  readonly views: Views
  /** Sends as the operator; no other process may send with its key. */
  readonly chain: Chain
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Master secret, 32 bytes; secrets and salts of all events are derived from it. */
  readonly master: Uint8Array
  /** Partitions of `readings.v1`. */
  readonly partitions: number
  /** The latest instant by which nothing was logged that the archive has not read. */
  archivedMs(): Promise<EpochMs>
  say(line: string): void
  /**
   * The same ports for requests, where somebody waits: what a store or the chain that stands still
   * does not answer is refused in time. Absent: those of the loop, which wait.
   */
  readonly awaited?: { readonly views: Views; readonly chain: Chain }
}

export type RunningServing = ServingCommands & {
  /** Stored events that cannot be decoded, and so are left out. */
  listUnreadable(): readonly EventId[]
  /** Resolves when the loop has ended after its signal. */
  readonly done: Promise<void>
}

/** Between two turns while there is an event to advance. */
export const turnMs = 100
/** Between two turns without one; whatever brings one wakes the loop. */
const idleTurnMs = 60_000
const stepsMax = 16
const failureTurnsMax = 300
/** Turns skipped while nothing changes, unless a request wakes the loop. */
const pauseTurns: Readonly<Partial<Record<EventState, number>>> = {
  proposed: 2,
  attested: 20,
  final: 20,
}
const problemTurns = 20

/**
 * Takes all events step by step from their announcement to paid claims.
 *
 * Each turn reads every open event's progress from the stores and the chain and performs its next
 * step. A step that fails is logged, stored with the event as its `problem`, and retried with
 * exponential backoff; the reason of a fault of ours is in the log only, under the id that the
 * problem names. No state is lost by a restart.
 */
export async function runServing(options: RunServingOptions): Promise<RunningServing> {
  const unreadable = new Set<EventId>()
  const store = openEventStore(options.views, (id, error) => {
    unreadable.add(id)
    options.say(`${id} is left out: ${error.message}`)
  })
  const shell: ServingShell = { ...options, store }
  const { views, chain } = options.awaited ?? options
  const awaited: ServingShell = { ...shell, chain, store: openEventStore(views) }
  const life = new EventLife(shell, awaited, unreadable)
  await life.load()
  return {
    done: life.run(options.signal),
    createEvent: (draft) => life.create(draft),
    claim: (id, options) => life.claim(id, options?.isDryRun ?? false),
    rerun: (id) => life.rerun(id),
    async addVerdict(verdict) {
      await keepVerdict(awaited, verdict)
      life.nudge()
    },
    listUnreadable: () => [...unreadable],
    nudge: () => life.nudge(),
  }
}

type Backoff = { readonly failures: number; readonly turns: number }

class EventLife {
  readonly #shell: ServingShell
  /** For what is answered at once. */
  readonly #awaited: ServingShell
  /** Stored, and cannot be decoded: their ids are taken. */
  readonly #unreadable: ReadonlySet<EventId>
  readonly #events = new Map<EventId, EventProgress>()
  readonly #backoff = new Map<EventId, Backoff>()
  readonly #logged = new Map<EventId, string>()
  readonly #announcing = createTurns()
  readonly #claiming = createTurns()
  #wake = new AbortController()

  constructor(shell: ServingShell, awaited: ServingShell, unreadable: ReadonlySet<EventId>) {
    this.#shell = shell
    this.#awaited = awaited
    this.#unreadable = unreadable
  }

  async load(): Promise<void> {
    for (const each of await this.#shell.store.events()) this.#events.set(each.event.id, each)
  }

  nudge(): void {
    this.#backoff.clear()
    this.#wake.abort()
  }

  create(draft: EventDraft): Promise<EventProgress> {
    return this.#announcing(async () => {
      const { store, clock } = this.#awaited
      const known = this.#events.get(draft.id)
      // A repeated draft is compared as of the time it was first announced.
      const nowMs = known?.event.announcedMs ?? clock.nowMs()
      const [meters, points, occupancies] = await Promise.all([
        store.meters(),
        store.points(),
        store.occupancies(),
      ])
      // Drafts take turns: of two at once, the second knows the first.
      const others = known ? [] : [...this.#events.values()]
      const event = announceEvent({ draft, meters, points, occupancies, others, nowMs })
      if (known) {
        if (isSameEvent(known.event, event)) return known
        throw new EventAnnouncedError({ event: draft.id })
      }
      if (this.#unreadable.has(draft.id)) throw new EventAnnouncedError({ event: draft.id })
      const progress = firstProgress(event)
      await store.putEvent(progress)
      this.#events.set(event.id, progress)
      this.nudge()
      return progress
    })
  }

  /**
   * Claims take turns of their own: those of thousands of payees wait for a block a lot, which must
   * keep nobody from announcing. The loop sends between their lots.
   */
  async claim(id: EventId, isDryRun: boolean) {
    if (isDryRun) return previewClaims(this.#awaited, this.#known(id))
    return this.#claiming(async () => {
      const report = await claimEvent(this.#shell, this.#known(id))
      this.nudge()
      return report
    })
  }

  async rerun(id: EventId): Promise<Rerun> {
    return rerunSettlement(this.#awaited, this.#known(id))
  }

  /** @throws NotFoundError */
  #known(id: EventId): EventProgress {
    const progress = this.#events.get(id)
    if (!progress) throw new NotFoundError('event', id)
    return progress
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake.abort())
    while (!signal.aborted) {
      this.#wake = new AbortController()
      await this.#advanceAll(signal)
      if (signal.aborted) break
      const { clock } = this.#shell
      // A nudge ends the pause early.
      const pauseMs = this.#open().length > 0 ? turnMs : idleTurnMs
      await clock.sleep(pauseMs, this.#wake.signal).catch(() => {})
    }
  }

  async #advanceAll(signal: AbortSignal): Promise<void> {
    for (const { event } of this.#open()) {
      if (signal.aborted) return
      if (this.#isPausing(event.id)) continue
      await this.#advance(event.id).catch((error: unknown) => this.#fail(event.id, error))
    }
  }

  #open(): EventProgress[] {
    return [...this.#events.values()]
      .filter(({ state }) => state !== 'paid')
      .sort((left, right) => left.event.startMs - right.event.startMs)
  }

  /** Performs steps of one event until it has to wait. */
  async #advance(id: EventId): Promise<void> {
    for (let count = 0; count < stepsMax; count++) {
      const before = this.#events.get(id)
      if (!before) return
      const facts = await gatherFacts(this.#shell, before, this.#unfinished(id))
      const step = nextStep(before, facts)
      if (step.kind === 'wait') {
        this.#pause(id, step.problem === null ? (pauseTurns[before.state] ?? 0) : problemTurns)
        return this.#keep(before, { ...before, problem: step.problem })
      }
      const after = await performStep(this.#shell, before, step)
      await this.#keep(before, after)
      if (after.state === before.state) return this.#pause(id, problemTurns)
      // Another event may have waited for this state.
      this.#backoff.clear()
      this.#shell.say(`${id} is ${after.state}.`)
      if (after.unmeasured && !before.unmeasured) {
        this.#shell.say(`${id}: ${sentenceOfUnmeasured(after.unmeasured)}`)
      }
    }
  }

  /** Other events that are verified and not final. */
  #unfinished(id: EventId): EventId[] {
    const isBetween = (state: EventState) => {
      const at = eventStates.indexOf(state)
      return at >= eventStates.indexOf('verified') && at < eventStates.indexOf('final')
    }
    const others = [...this.#events.values()].filter(({ event }) => event.id !== id)
    return others.filter(({ state }) => isBetween(state)).map(({ event }) => event.id)
  }

  async #keep(before: EventProgress, after: EventProgress): Promise<void> {
    const isSameProblem = toJson(after.problem ?? null) === toJson(before.problem ?? null)
    if (after.state === before.state && isSameProblem) return
    const next = { ...after, version: before.version + 1 }
    await this.#shell.store.putEvent(next)
    this.#events.set(next.event.id, next)
    if (next.problem && !isSameProblem) {
      this.#shell.say(`${next.event.id}: ${sentenceOfEventProblem(next.problem)}`)
    }
  }

  async #fail(id: EventId, error: unknown): Promise<void> {
    const failures = (this.#backoff.get(id)?.failures ?? 0) + 1
    this.#backoff.set(id, { failures, turns: Math.min(2 ** failures, failureTurnsMax) })
    const before = this.#events.get(id)
    if (!before) return
    const logId = logIdOf(id, error)
    const problem = eventProblemOf(error, logId)
    const isOurs = problem.kind !== 'refused'
    // Once a process for each reason: the problem stays the same while it is retried.
    const isLogged = this.#logged.get(id) === logId
    if (isOurs && !isLogged) this.#shell.say(`${logId} ${id}: ${sentenceOf(error)}`)
    this.#logged.set(id, logId)
    // If the store itself fails, the sentence is only logged.
    await this.#keep(before, { ...before, problem }).catch(() => {
      if (!isOurs) this.#shell.say(`${id}: ${problem.sentence}`)
    })
  }

  #pause(id: EventId, turns: number): void {
    if (turns > 0) this.#backoff.set(id, { failures: 0, turns })
  }

  #isPausing(id: EventId): boolean {
    const backoff = this.#backoff.get(id)
    if (!backoff || backoff.turns <= 0) return false
    this.#backoff.set(id, { ...backoff, turns: backoff.turns - 1 })
    return true
  }
}

type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** One at a time; the loop runs concurrently, on events that commands do not change. */
function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work, work)
    last = done.catch(() => {})
    return done
  }
}

/** The same for a failure that repeats, so that its problem is stored once. */
function logIdOf(id: EventId, error: unknown): string {
  return keccakOfText(`${id}: ${sentenceOf(error)}`).slice(2, 10)
}
