import type { Log } from '../../../schemas/ports/log.ts'
import type { Views } from '../../../schemas/ports/views.ts'

/** The stores of a process. */
export type Stores = { readonly log: Log; readonly views: Views }

/** Before or after which of its writes a process ends. */
export type Death = { readonly writes: number; readonly isAfter: boolean }

/** The process has ended: nothing that it calls has an effect or an answer any more. */
class Killed extends Error {}

/**
 * Runs work as a process that is killed does: each death is of one life, in which the stores take
 * nothing from some write on, before or after that one took effect. The next life starts with
 * nothing but the stores, and does the work again; what was under way is over by then.
 */
export function createMortal<State>(
  stores: Stores,
  nextDeath: () => Death | null,
  start: (stores: Stores) => Promise<State> | State,
) {
  let life: { readonly state: State; readonly own: Life } | null = null
  return {
    async run(work: (state: State) => Promise<void>): Promise<void> {
      for (;;) {
        const own: Life = life?.own ?? beginLife(stores, nextDeath())
        try {
          life ??= { own, state: await start(own.stores) }
          await work(life.state)
          return
        } catch (error) {
          if (!(error instanceof Killed)) throw error
          life = null
          await own.over()
        }
      }
    },
  }
}

type Life = {
  readonly stores: Stores
  /** Once all that had reached a store has ended. */
  over(): Promise<unknown>
}

function beginLife({ log, views }: Stores, death: Death | null): Life {
  const underWay = new Set<Promise<unknown>>()
  let left = death?.writes ?? Number.POSITIVE_INFINITY
  let isDead = false
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Killed()
    const working = work()
    underWay.add(working)
    const answer = await working.finally(() => underWay.delete(working))
    if (isDead) throw new Killed()
    return answer
  }
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Killed()
    left -= 1
    if (left >= 0) return call(work)
    if (!death?.isAfter) {
      isDead = true
      throw new Killed()
    }
    const last = call(work)
    isDead = true
    return last
  }
  return {
    stores: {
      log: {
        ...log,
        append: (...given) => write(() => log.append(...given)),
        commit: (...given) => write(() => log.commit(...given)),
        read: (...given) => call(() => log.read(...given)),
        progress: (...given) => call(() => log.progress(...given)),
      },
      views: {
        ...views,
        insert: (...given) => write(() => views.insert(...given)),
        drop: (...given) => write(() => views.drop(...given)),
        query: (name, ...given) => call(() => views.query(name, ...given)),
      },
    },
    over: () => Promise.allSettled(underWay),
  }
}
