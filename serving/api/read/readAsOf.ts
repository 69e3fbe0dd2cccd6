import { AsOfBeyondError, AsOfPartitionsError } from '../../../schemas/errors/view.ts'
import {
  readArchivedMs,
  readArchivePlaces,
  readPlaces,
  requireRead,
} from '../../../schemas/ports/readPlaces.ts'
import { type EpochMs, isoUtc } from '../../../schemas/time.ts'
import { readingsTopic } from '../../../schemas/topics.ts'
import { parseAsOf } from '../../merge/parseAsOf.ts'
import type { ApiContext } from './apiPorts.ts'

type Ports = Pick<ApiContext, 'views' | 'log' | 'clock'>

/**
 * By partition the first offset that is left out; none of everything that is stored. An answer as
 * of them never changes.
 *
 * @throws AsOfError for a text that is neither an instant nor places, AsOfPartitionsError where
 * they are fewer or more than the log's partitions, AsOfBeyondError where the archive has not read
 * as far.
 */
export async function readAsOf(ports: Ports, asOf: string | undefined): Promise<readonly number[]> {
  if (asOf === undefined) return []
  const parsed = parseAsOf(asOf)
  if ('instantMs' in parsed) return readAsOfInstant(ports, parsed.instantMs)
  const { places } = parsed
  const partitions = (await ports.log.progress('archive', readingsTopic)).length
  if (places.length !== partitions) {
    throw new AsOfPartitionsError({ asOf: places.join(), partitions })
  }
  requireRead(places, await readArchivePlaces(ports.views))
  return places
}

async function readAsOfInstant(ports: Ports, instantMs: EpochMs): Promise<readonly number[]> {
  const readMs = await readArchivedMs(ports)
  if (instantMs <= readMs) return readPlaces(ports.views, instantMs)
  throw new AsOfBeyondError({
    asOf: isoUtc(instantMs),
    archived: await readArchivePlaces(ports.views),
    archivedUntil: isoUtc(readMs),
  })
}
