import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../schemas/reading/frame.ts'
import { emptyWords, keepWord } from '../../schemas/reading/intervalWords.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { aWord, undecided } from '../../schemas/reading/testing/aWord.ts'
import { isoUtc } from '../../schemas/time.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { ndjson, openReadingsApi } from '../testing/readingsApi.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'

const { app, close, log, openApi, post, views } = await openReadingsApi()
afterAll(close)

const startMs = Date.UTC(2013, 1, 11)
/** A word for one interval of meter A; each has another energy, which identifies it. */
type Said = { readonly hour: number | null; readonly revision: number; readonly wh: number }

/** Said at no hour twice, as a source's clock goes on. */
const saids = fc
  .uniqueArray(
    fc.record({
      hour: fc.option(fc.integer({ min: 1, max: 20 }), { nil: null }),
      revision: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 2, maxLength: 8, selector: ({ hour }) => hour ?? Symbol() },
  )
  .map((list) => list.map((each, at): Said => ({ ...each, wh: at + 1 })))

function readingOf({ hour, revision, wh }: Said): Reading {
  const saidAtMs = hour === null ? null : startMs + hour * 3_600_000
  return aReading({ startMs, saidAtMs, revision, energyMwh: wh * 1000 })
}

function lineOf(said: Said): string {
  const { saidAtMs, revision } = readingOf(said)
  const when = saidAtMs === null ? {} : { said_at: isoUtc(saidAtMs) }
  const start = isoUtc(startMs)
  return JSON.stringify({
    meter: 'A',
    start,
    duration_s: 1800,
    energy_wh: said.wh,
    revision,
    ...when,
  })
}

let runs = 0

/** Sends words in this order, each request with some of them, and says what counts in the end. */
async function sayAll(order: readonly Said[], size: number, isFrames: boolean) {
  const source = `s${runs++}`
  const reasons: string[] = []
  for (let at = 0; at < order.length; at += size) {
    const part = order.slice(at, at + size)
    const [type, payload] = isFrames
      ? ['application/vnd.wattproof.frame', Buffer.from(encodeFrame(part.map(readingOf)))]
      : [ndjson, part.map(lineOf).join('\n')]
    const response = await post(`/api/v1/readings?source=${source}`, { type, payload } as never)
    expect(response.statusCode).toBe(202)
    reasons.push(...response.json<ReadingsAnswer>().rejected.map(({ reason }) => reason))
  }
  const kept: number[] = []
  const words = emptyWords()
  for (const partition of [0, 1]) {
    const records = await log.read({ topic: readingsTopic, partition, offset: 0 }, 100_000)
    for (const { position, value } of records) {
      decodeFrame(value).readings.forEach((reading, index) => {
        if (reading.source !== source) return
        kept.push(reading.energyMwh / 1000)
        keepWord(words, aWord(reading, { offset: position.offset, index }), undecided)
      })
    }
  }
  return { reasons, kept: kept.sort(), counting: (words.counting?.reading.energyMwh ?? 0) / 1000 }
}

test('of a source that mixes both forms what it said first decides, no other order', async () => {
  const shuffled = saids.chain((list) => {
    return fc.tuple(
      fc.shuffledSubarray(list, { minLength: list.length }),
      fc.shuffledSubarray(list, { minLength: list.length }),
    )
  })
  const drawn = fc.tuple(shuffled, fc.integer({ min: 1, max: 8 }), fc.boolean())
  await fc.assert(
    fc.asyncProperty(drawn, async ([[one, other], size, isFrames]) => {
      const saysWhen = one[0]!.hour !== null
      const isOwn = ({ hour }: Said) => (hour !== null) === saysWhen
      const own = one.filter(isOwn)
      const first = await sayAll(one, size, isFrames)
      expect(first.kept).toEqual(own.map(({ wh }) => wh).sort())
      expect(first.reasons).toEqual(Array(one.length - own.length).fill('mixed-said-at'))
      // By number, then by when it was said; without that by its place: a missing number is 0.
      const latest = own.reduce((best, each) => {
        const later = each.revision - best.revision || (each.hour ?? 0) - (best.hour ?? 0)
        return later > 0 || (later === 0 && !saysWhen) ? each : best
      })
      expect(first.counting).toBe(latest.wh)
      const again = [...other].sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)))
      // Another order, of which the same form comes first.
      const second = await sayAll(
        [again[0]!, ...other.filter((each) => each !== again[0])],
        1,
        false,
      )
      expect(second.kept).toEqual(first.kept)
      if (saysWhen) expect(second.counting).toBe(first.counting)
    }),
    { numRuns: 20 },
  )
})

test('the form of a source outlives the process; who names none is held to nothing', async () => {
  const said = { hour: 1, revision: 0, wh: 1 }
  const unsaid = { hour: null, revision: 0, wh: 2 }
  const send = (query: string, each: Said, api = app) => {
    return post(`/api/v1/readings${query}`, { type: ndjson, payload: lineOf(each), api })
  }
  expect((await send('?source=lasting', said)).json()).toMatchObject({ queued: 1 })
  const restarted = await openApi()
  const refused = (await send('?source=lasting', unsaid, restarted)).json()
  await restarted.close()
  expect(refused).toMatchObject({ queued: 0, rejectedByReason: { 'mixed-said-at': 1 } })
  expect(refused.rejected[0]).toMatchObject({
    column: 'said_at',
    detail:
      'The other readings of lasting have a said_at, and this one has none: which of them counts ' +
      'would depend on the order of arrival. Send it with said_at, or under another source.',
  })
  for (const each of [said, unsaid])
    expect((await send('', each)).json()).toMatchObject({ queued: 1 })
})

test('of two first requests at once one decides, and the other is judged by it', async () => {
  const both = [1, null].map((hour, at) => lineOf({ hour, revision: 0, wh: at + 1 }))
  const answers = await Promise.all(
    both.map((payload) => post('/api/v1/readings?source=racing', { type: ndjson, payload })),
  )
  const queued = answers.map((each) => each.json<ReadingsAnswer>().queued)
  expect(queued.sort()).toEqual([0, 1])
})

test('a request that is refused as a whole decides nothing', async () => {
  const gone = { kind: 'withdrawal', ingest: 'gone', source: '', from: 0, rank: 0 }
  await views.insert('acts', [{ ...gone, log_partition: 0, log_offset: 0, logged: startMs }])
  const send = (query: string, hour: number | null) => {
    const payload = lineOf({ hour, revision: 0, wh: 1 })
    return post(`/api/v1/readings?source=new${query}`, { type: ndjson, payload })
  }
  expect((await send('&ingest=gone', 1)).statusCode).toBe(409)
  expect((await send('', null)).json()).toMatchObject({ queued: 1 })
})
