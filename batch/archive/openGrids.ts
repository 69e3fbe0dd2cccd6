import type { MeterId } from '../../schemas/ids.ts'
import { isOnGrid } from '../../schemas/meter/grid.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'

export type Grids = {
  /** Reads what was enrolled since; before a batch, so that all of it is judged alike. */
  refresh(): Promise<void>
  /** Whether a reading is an interval of its meter; one that nobody enrolled may have any. */
  isOne(reading: Reading): boolean
}

/** The intervals of the enrolled meters, as the speed layer knows them too. */
export function openGrids(views: Views): Grids {
  let version = -1
  let alike = 0
  const known = new Map<MeterId, Meter>()
  return {
    async refresh() {
      // Several records may have one version, so the newest ones are counted.
      const later = await views.query('meter_versions', { version: Math.max(version, 0) })
      const newest = later.reduce((most, each) => Math.max(most, each.version), version)
      const count = later.filter((each) => each.version === newest).length
      if (newest === version && count === alike) return
      for (const each of await views.query('meters')) known.set(each.meter, each)
      version = newest
      alike = count
    },
    isOne({ meter, startMs, durationS }) {
      const grid = known.get(meter)
      return grid === undefined || isOnGrid(grid, startMs, durationS)
    },
  }
}
