import { UnknownRosterError } from '../../schemas/errors/frame.ts'
import { RostersFullError, RosterTakenError } from '../../schemas/errors/roster.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type RosterId, type RosterOf, rosterIdOf } from '../../schemas/reading/roster.ts'
import type { IngestLimits } from '../ingest/limits.ts'

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
  readonly limits: Pick<IngestLimits, 'rostersMax' | 'rosterMetersMax'>
}

/** Meters that are remembered; beyond it all are looked up again. */
const rememberedMax = 2_000_000

export function openRosters({ views, clock, limits }: RostersOptions): Rosters {
  const known = new Map<RosterId, readonly MeterId[]>()
  let remembered = 0
  let last: Promise<unknown> = Promise.resolve()
  const remember = (roster: RosterId, meters: readonly MeterId[]) => {
    if (known.has(roster)) return
    if (remembered + meters.length > rememberedMax) {
      known.clear()
      remembered = 0
    }
    known.set(roster, meters)
    remembered += meters.length
  }
  const learn = async (roster: RosterId) => {
    if (known.has(roster)) return true
    const [row] = await views.query('roster_meters', { roster })
    if (row) remember(roster, row.meters.split(' ') as MeterId[])
    return row !== undefined
  }
  const register = async (meters: readonly MeterId[]): Promise<Registered> => {
    const roster = rosterIdOf(meters)
    if (await learn(roster)) {
      const stored = known.get(roster)!
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
    of: (roster) => known.get(roster),
    learn,
    register: async (meters) => {
      // One after another, so that all of them together stay within the limits.
      const own = last.then(() => register(meters))
      last = own.catch(() => {})
      return own
    },
  }
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
