import type { EnrolledZones } from '../../speed/ingest/profile/chooseZone.ts'
import type { ApiClient } from '../client/client.ts'
import { listAll } from './listMeters.ts'

/** The zones of all enrolled meters, read once, when they are first needed. */
export type ZonesOfMeters = {
  all(): Promise<ReadonlyMap<string, string>>
  /** Meters that were just enrolled. */
  add(meters: readonly { readonly meter: string; readonly zone: string }[]): Promise<void>
}

export function openZonesOfMeters(client: ApiClient): ZonesOfMeters {
  let listed: Promise<Map<string, string>> | null = null
  const all = () => {
    listed ??= listAll(client, {}, Number.MAX_SAFE_INTEGER).then(({ meters }) => {
      return new Map(meters.map(({ meter, zone }) => [meter, zone]))
    })
    return listed
  }
  return {
    all,
    add: async (meters) => {
      const zones = await all()
      for (const { meter, zone } of meters) zones.set(meter, zone)
    },
  }
}

export async function enrolledZonesOf(zones: ZonesOfMeters): Promise<EnrolledZones> {
  const all = await zones.all()
  return { zoneOf: (meter) => all.get(meter) }
}

/** A dry run needs no installation: the answer says so where none could be asked. */
export async function zonesIfUp(openClient: () => ApiClient): Promise<EnrolledZones> {
  try {
    return await enrolledZonesOf(openZonesOfMeters(openClient()))
  } catch {
    const unknownAs = 'no zone is set, and no installation is up that knows the zone of its meters'
    return { zoneOf: () => undefined, unknownAs }
  }
}
