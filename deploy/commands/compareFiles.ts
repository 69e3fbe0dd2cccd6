import { counted } from '../../schemas/errors/counted.ts'
import type { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { RestatesTooMuchError } from '../../schemas/errors/word.ts'
import type { ComparisonAnswer } from '../../speed/api/describeRoutes.ts'
import {
  isRestatedTooMuch,
  type RestatedMeter,
  sumRestated,
} from '../../speed/api/restatedTooMuch.ts'
import type { FileRead } from '../../speed/ingest/body/readFile.ts'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import type { ApiClient } from '../client/client.ts'
import { say, startProgress, table } from './output.ts'
import { type InputFile, type Reading, readWhole, type Unreadable } from './readWhole.ts'
import { lineOf, readingsMax } from './sendFile.ts'

type Comparing = Reading & { readonly client: ApiClient; readonly source: string }

const metersShownMax = 20

/** An empty installation has nothing to compare with. */
export async function hasReadings(client: ApiClient): Promise<boolean> {
  const { readings } = await client.get<{ readings: { accepted: number } }>('/status')
  return readings.accepted > 0
}

/**
 * Compares all files with what counts, each by itself, before anything of them is sent.
 *
 * @returns which of them cannot be read to their end.
 * @throws RestatesTooMuchError, after showing kWh by meter, for the first that restates too much.
 */
export async function refuseRestatement(
  inputs: readonly InputFile[],
  comparing: Comparing,
): Promise<Unreadable> {
  const unreadable: Map<string, InvalidArgumentError> = new Map()
  const progress = startProgress('compare', null, 'readings')
  try {
    let compared = 0
    for (const input of inputs) {
      const meters: RestatedMeters = new Map()
      const fault = await readWhole(input, comparing, async (part) => {
        await comparePart(comparing, part, meters)
        compared += part.rows.length
        progress.update(compared)
      })
      if (fault) unreadable.set(input.path, fault)
      const sum = sumRestated(meters.values())
      if (!isRestatedTooMuch(sum)) continue
      progress.stop()
      const changed = [...meters.values()]
        .filter(({ restated }) => restated > 0)
        .sort((left, right) => right.restated - left.restated)
      say(`${input.name}:\n${describe(changed)}`)
      throw new RestatesTooMuchError({ ...sum, meters: changed, flag: '--restate' })
    }
    return unreadable
  } finally {
    progress.stop()
  }
}

/** By meter, what a file would change. */
type RestatedMeters = Map<string, RestatedMeter>

async function comparePart(
  { client, source }: Comparing,
  { rows, said }: FileRead,
  meters: RestatedMeters,
): Promise<void> {
  const readings = (said?.rows ?? rows).filter(({ outcome }) => !isRefusal(outcome))
  const query = source === '' ? '' : `?source=${source}`
  for (let at = 0; at < readings.length; at += readingsMax) {
    const lines = readings.slice(at, at + readingsMax).map(({ row }) => lineOf(row))
    const answer = await client.post<ComparisonAnswer>(
      `/readings/comparison${query}`,
      `${lines.join('\n')}\n`,
      { contentType: 'application/x-ndjson' },
    )
    for (const each of answer.meters) meters.set(each.meter, added(meters.get(each.meter), each))
  }
}

function added(sum: RestatedMeter | undefined, more: RestatedMeter): RestatedMeter {
  if (!sum) return more
  return {
    meter: more.meter,
    closed: sum.closed + more.closed,
    restated: sum.restated + more.restated,
    countedMwh: sum.countedMwh + more.countedMwh,
    newMwh: sum.newMwh + more.newMwh,
  }
}

function describe(changed: readonly RestatedMeter[]): string {
  const rows = changed.slice(0, metersShownMax).map((each) => {
    const { meter, closed, restated, countedMwh, newMwh } = each
    return [meter, closed, restated, ...[countedMwh, newMwh, newMwh - countedMwh].map(kwhOf)]
  })
  const more = changed.length - rows.length
  const header = ['meter', 'closed', 'changed', 'stored kWh', 'kWh in the file', 'difference']
  return `${table(header, rows)}${more > 0 ? `\n… and ${counted(more, 'more meter')}` : ''}`
}

function kwhOf(energyMwh: number): string {
  return (energyMwh / 1e6).toFixed(3)
}
