import { UnknownRosterError } from '../../schemas/errors/frame.ts'
import { RostersFullError, RosterTakenError } from '../../schemas/errors/roster.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type RosterId, type RosterOf, rosterIdOf } from '../../schemas/reading/roster.ts'
import type { IngestLimits } from '../ingest/limits.ts'
import { askTogether } from './askTogether.ts'

/** Lists of meters that frames name by an id; one list is one and the same object. */
export type Rosters = {
  /** Knows those that were looked up or registered here. */
  readonly of: RosterOf
  /** Looks one up in the store. @returns false of one that was never registered. */
  learn(roster: RosterId): Promise<boolean>
  /**
   * Keeps a list of different meters (`readRoster`), durably; again, it changes nothing.
   *
   * @throws RostersFullError, RosterTakenError.
   */
  register(meters: readonly MeterId[]): Promise<Registered>
}

export type Registered = { readonly roster: RosterId; readonly isNew: boolean }

export type RostersOptions = {
  readonly views: Pick<Views, 'query' | 'insert'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly limits: Pick<
    IngestLimits,
    'rostersMax' | 'rosterMetersMax' | 'rosterMetersRememberedMax' | 'rostersAskedMax'
  >
}

export function openRosters({ views, clock, limits }: RostersOptions): Rosters {
  const { of, remember } = createRosterMemory(limits.rosterMetersRememberedMax)
  let last: Promise<unknown> = Promise.resolve()
  // A caller that comes while the store answers gets the next question: what another process has
  // registered by now is found, and unknown lists cost one question at a time however many ask.
  const lookUp = askTogether(limits.rostersAskedMax, async (rosters: readonly RosterId[]) => {
    const rows = await views.query('roster_meters', { rosters })
    for (const { roster, meters } of rows) remember(roster, meters.split(' ') as MeterId[])
    return new Set(rows.map(({ roster }) => roster))
  })
  const learn = async (roster: RosterId) => {
    return of(roster) !== undefined || (await lookUp(roster)).has(roster)
  }
  const register = async (meters: readonly MeterId[]): Promise<Registered> => {
    const roster = rosterIdOf(meters)
    if (await learn(roster)) {
      const stored = of(roster)!
      const isSame = stored.length === meters.length && stored.every((id, at) => id === meters[at])
      if (!isSame) throw new RosterTakenError({ roster })
      return { roster, isNew: false }
    }
    const [all = { rosters: 0, meters: 0 }] = await views.query('roster_totals')
    const { rostersMax, rosterMetersMax: metersMax } = limits
    const isFull = all.rosters >= rostersMax || all.meters + meters.length > metersMax
    if (isFull) throw new RostersFullError({ rostersMax, metersMax })
    const row = { roster, meters: meters.join(' '), size: meters.length }
    await views.insert('rosters', [{ ...row, registered: clock.nowMs() }])
    remember(roster, meters)
    return { roster, isNew: true }
  }
  return {
    of,
    learn,
    register: async (meters) => {
      // One after another, so that all of them together stay within the limits.
      const own = last.then(() => register(meters))
      last = own.catch(() => {})
      return own
    },
  }
}

/** The lists used last, up to so many meters; one alone may have more. */
function createRosterMemory(metersMax: number) {
  // In the order of their last use.
  const known = new Map<RosterId, readonly MeterId[]>()
  let meters = 0
  const forget = (roster: RosterId) => {
    meters -= known.get(roster)?.length ?? 0
    known.delete(roster)
  }
  const remember = (roster: RosterId, list: readonly MeterId[]) => {
    if (known.has(roster)) return
    known.set(roster, list)
    meters += list.length
    for (const oldest of known.keys()) {
      if (meters <= metersMax || oldest === roster) return
      forget(oldest)
    }
  }
  const of: RosterOf = (roster) => {
    const list = known.get(roster)
    if (list === undefined) return undefined
    known.delete(roster)
    known.set(roster, list)
    return list
  }
  return { of, remember }
}

/** Reads a frame again once the roster that it names is looked up. @throws UnknownRosterError. */
export async function withRoster<T>(
  { learn }: Pick<Rosters, 'learn'>,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof UnknownRosterError)) throw error
    if (!(await learn(error.roster))) throw error
    return act()
  }
}
