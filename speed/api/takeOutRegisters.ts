import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { framesOf } from '../ingest/framesOf.ts'
import { reviseWords } from '../ingest/register/deriveWords.ts'
import { groupBy } from './groupBy.ts'
import { readRegisters } from './readRegisters.ts'
import { appendAct } from './withdrawals.ts'
import { joinIngests, readingsOfWords } from './wordsOfRegisters.ts'

export type RegisterPorts = {
  readonly log: Pick<Log, 'append'>
  readonly views: Pick<Views, 'query' | 'insert'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly registry: { get(meter: MeterId): Meter | undefined }
  readonly partitions: number
}

/** Meters whose words are in memory at once. */
const metersAtOnce = 100

/**
 * Takes out the registers of a withdrawn ingest: what rests on them and others is withdrawn too,
 * and what the others say is said anew. Idempotent; done once `registers_withdrawn` has it.
 */
export async function takeOutRegisters(
  { log, views, clock, registry, partitions }: RegisterPorts,
  ingest: string,
): Promise<Record<string, number>> {
  const spans = await views.query('registers_of_ingest', { ingest })
  if (spans.length === 0) return {}
  const position: Record<string, number> = {}
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  for (const { together } of await views.query('ingests_together', { ingest })) {
    Object.assign(position, await appendAct(log, { kind: 'withdrawal', ingest: together }, all))
  }
  for (const [source, own] of groupBy(spans, (each) => each.source)) {
    for (let at = 0; at < own.length; at += metersAtOnce) {
      const some = own.slice(at, at + metersAtOnce)
      const range = {
        startMs: Math.min(...some.map(({ first_ms }) => first_ms)),
        endMs: Math.max(...some.map(({ last_ms }) => last_ms)),
      }
      const meters = some.map(({ meter }) => meter)
      const left = await readRegisters(views, { source, meters, range, withdrawn: [ingest] })
      const words = some.flatMap(({ meter, first_ms: startMs, last_ms: endMs }) => {
        const enrolled = registry.get(meter)
        return enrolled ? reviseWords(left.get(meter) ?? [], enrolled, { startMs, endMs }) : []
      })
      await joinIngests(views, words)
      Object.assign(position, await appendWords(log, readingsOfWords(words), partitions))
    }
  }
  await views.insert('registers_withdrawn', [{ ingest, done: clock.nowMs() }])
  return position
}

export async function appendWords(
  log: Pick<Log, 'append'>,
  words: readonly Reading[],
  partitions: number,
): Promise<Record<string, number>> {
  const position: Record<string, number> = {}
  for (const [partition, { frames }] of framesOf(words, partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    const first = await log.append(readingsTopic, partition, records)
    position[partition] = first + records.length - 1
  }
  return position
}
