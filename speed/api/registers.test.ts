import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { decodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { quality, type Standing, standing } from '../../schemas/reading/reading.ts'
import { type KeptRegister, noRule, type RegisterRead } from '../../schemas/reading/register.ts'
import { isoUtc } from '../../schemas/time.ts'
import { rejectedTopic } from '../../schemas/topics.ts'
import { energyMwh } from '../../schemas/units.ts'
import { countingRegisters } from '../ingest/register/deriveWords.ts'
import { countingWords } from '../testing/countingWords.ts'
import { clock, ndjson, openReadingsApi } from '../testing/readingsApi.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'
import { readRegisters } from './readRegisters.ts'
import { openRegisterStore } from './registerStore.ts'
import { createMeterRegistry } from './registry.ts'
import { createDeadLetterRetry } from './retryDeadLetters.ts'
import type { RegisterWords } from './wordsOfRegisters.ts'

const { close, log, openApi, post, views } = await openReadingsApi()
afterAll(close)

const firstMs = Date.UTC(2013, 0, 1)
const registers = '?quantity=register&unit=kWh&layout=wide'

test('what is between two files is said once, whatever way they are sent', async () => {
  await enrol(['M1', 'M2'])
  const monday = file('M1', [10, 11, 13])
  expect(await send(monday)).toMatchObject({ queued: 2, gaps: 1, rejectedCount: 0 })
  // 13 to 16 is from the last register of the one to the first of the other.
  const tuesday = file('M1', [16, 20], 3)
  expect(await send(tuesday)).toMatchObject({ queued: 2, gaps: 0, gapsByKind: {} })
  const whole = ['00:00 1', '00:30 2', '01:00 3', '01:30 4']
  expect(await counting('M1')).toEqual(whole)
  expect(await send(tuesday)).toMatchObject({ queued: 2 })
  expect(await counting('M1')).toEqual(whole)

  // A gateway says one register after another, as JSON: to Wh, with nothing about how it is read.
  for (const [slot, kwh] of [10, 11, 13, 16, 20].entries()) {
    const payload = JSON.stringify({ meter: 'M2', start: at(slot), register_wh: kwh * 1000 })
    const answer = (
      await post('/api/v1/readings', { type: ndjson, payload })
    ).json<ReadingsAnswer>()
    expect(answer).toMatchObject({ queued: slot === 0 ? 0 : 1, rejectedCount: 0 })
  }
  expect(await counting('M2')).toEqual(whole)
})

test('a tidy CSV with a column of registers goes the same way', async () => {
  await enrol(['T1'])
  const tidy = (wattHours: readonly (number | string)[], from: number) =>
    `meter,start,register_wh,quality\n${wattHours
      .map((each, slot) => `T1,${at(from + slot)},${each},\n`)
      .join('')}`
  expect(await send(tidy([10_000, 11_000, ''], 0), '')).toMatchObject({
    ...{ queued: 1, rejectedCount: 0 },
    gapsByKind: { 'first-register': 1, 'empty-cell': 1 },
  })
  // 11 to 13 kWh are between the two files; a wide file goes on from there.
  await send(tidy([13_000, 16_000], 2), '')
  await send(file('T1', [20], 4))
  expect(await counting('T1')).toEqual(['00:00 1', '00:30 2', '01:00 3', '01:30 4'])
  const both = 'meter,start,duration_s,energy_wh,register_wh\nT1,2013-01-01T00:00Z,1800,1,2\n'
  const { statusCode, body } = await post('/api/v1/readings', { type: 'text/csv', payload: both })
  expect([statusCode, body]).toEqual([400, expect.stringContaining('register_wh')])
})

test('registers that cannot be read are refused by name, with their line', async () => {
  await enrol(['bad'])
  const rows = [
    { meter: 'bad', start: at(0), register_wh: 'x' },
    { meter: 'bad', register_wh: 1 },
    { meter: 'bad', start: at(0), register_wh: '9e15' },
    { meter: 'bad', start: at(0), register_wh: 1, register_rule: { capacity_mwh: 5 } },
    { meter: 'nobody', start: at(0), register_wh: 1 },
    { meter: 'bad', start: '2013-03-01T00:00Z', register_wh: 1 },
  ]
  const payload = rows.map((row) => JSON.stringify(row)).join('\n')
  const answer = (await post('/api/v1/readings', { type: ndjson, payload })).json<ReadingsAnswer>()
  expect(answer.rejected.map(({ line, reason }) => [line, reason])).toEqual([
    [1, 'not-a-number'],
    [2, 'missing-field'],
    [3, 'out-of-range'],
    [4, 'not-a-number'],
    [5, 'unknown-meter'],
    [6, 'in-the-future'],
  ])
})

test('a register that falls is refused with its line, and a retry reads it again', async () => {
  await enrol(['falls'])
  await send(file('falls', [10, 11]))
  const answer = await send(file('falls', [3], 2))
  const [refused] = answer.rejected
  expect(refused).toMatchObject({ line: 2, column: 'falls', value: '3', reason: 'out-of-range' })
  expect(refused!.detail).toContain('register.reset')
  const retry = await openRetry()
  expect(await retry(answer)).toEqual({ queued: 0, stillRejected: ['out-of-range'] })
  // The register before it was wrong: restated, it fits.
  await send(file('falls', [1, 2]))
  expect(await retry(answer)).toEqual({ queued: 1, stillRejected: [] })
  expect(await counting('falls')).toEqual(['00:00 1', '00:30 1'])
})

test('registers of a meter that is enrolled later are differenced by a retry', async () => {
  const answer = await send(file('later', [5, 6, 8]))
  expect(answer).toMatchObject({ queued: 0, rejectedByReason: { 'unknown-meter': 3 } })
  const retry = await openRetry()
  expect((await retry(answer)).queued).toBe(0)
  await enrol(['later'])
  expect(await retry(answer)).toEqual({ queued: 3, stillRejected: [] })
  expect(await counting('later')).toEqual(['00:00 1', '00:30 2'])
})

test('rollover and exchange at the edge of a file, by what either file says', async () => {
  await enrol(['rolls', 'swap'])
  await send(file('rolls', [99_998, 99_999.5]))
  await send(file('rolls', [0.5, 2], 2), `${registers}&register.digits=5`)
  expect(await counting('rolls')).toEqual(['00:00 1.5', '00:30 1', '01:00 1.5'])
  const reset =
    `register.reset.from=${at(1, 20)}&register.reset.to=${at(1, 40)}` +
    '&register.reset.end=701.5&register.reset.start=0.1'
  // The later file first: the window is kept with its registers.
  await send(file('swap', [0.25, 1], 2), `${registers}&${reset}`)
  await send(file('swap', [700, 701]))
  expect(await counting('swap')).toEqual(['00:00 1', '00:30 0.65', '01:00 0.75'])
})

test('an hourly file of a half-hourly meter is refused; days may have 25 hours', async () => {
  await enrol(['half'])
  const rows = [1, 2, 3].map((kwh, hour) => `${at(2 * hour)},${kwh}\n`)
  const hourly = `start,half\n${rows.join('')}`
  expect((await send(hourly)).rejectedByReason).toEqual({ 'wrong-interval': 2 })
  await post('/api/v1/meters', {
    type: 'application/json',
    payload: JSON.stringify([
      { meter: 'daily', zone: 'Europe/London', group: 'G', intervalS: 86_400 },
    ]),
  })
  for (const [day, kwh] of [
    ['2012-10-28', 1],
    ['2012-10-29', 3],
    ['2012-10-30', 6],
  ] as const) {
    await send(`day,daily\n${day},${kwh}\n`)
  }
  const found = await countingWords(log, 2)
  const daily = found.filter(({ meter }) => meter === 'daily')
  expect(daily.map(({ durationS, energyMwh: mwh }) => [durationS / 3600, mwh / 1e6])).toEqual([
    [25, 2],
    [24, 3],
  ])
})

test('an ingest that is taken back takes its registers out', async () => {
  await enrol(['back'])
  const other = await openApi()
  await send(file('back', [10, 11]), `${registers}&ingest=O`)
  await send(file('back', [12], 1), `${registers}&ingest=wrong`)
  await send(file('back', [13, 14], 2), `${registers}&ingest=N`)
  expect(await counting('back')).toEqual(['00:00 2', '00:30 1', '01:00 1'])
  const taken = await post('/api/v1/ingests/wrong/withdrawal', { type: ndjson, payload: '' })
  expect([taken.statusCode, taken.json()]).toMatchObject([202, { ingest: 'wrong' }])
  expect(await counting('back')).toEqual(['00:00 1', '00:30 2', '01:00 1'])
  // Nor does an ingest that has no word of its own.
  await send(file('back', [20], 9), `${registers}&ingest=alone`)
  const alone = await post('/api/v1/ingests/alone/withdrawal', { type: ndjson, payload: '' })
  expect(alone.statusCode).toBe(202)
  await other.close()
})

test('files of 30 meters in any order, with repeats, give the words of one file', async () => {
  const meters = Array.from({ length: 30 }, (_, index) => `p${index}`)
  await enrol([...meters, ...meters.map((meter) => `${meter}-whole`)])
  const slots = 40
  const random = fc.sample(fc.array(fc.nat(999), { minLength: 5_000, maxLength: 5_000 }), {
    numRuns: 1,
    seed: 7,
  })[0]!
  let drawn = 0
  const draw = (below: number) => random[drawn++ % random.length]! % below
  const values = meters.map(() => {
    const own = [draw(50)]
    while (own.length < slots) own.push(own.at(-1)! + draw(4) / 2)
    return own
  })
  const rowsOf = (from: number, to: number, name: string) => {
    const rows = []
    for (let slot = from; slot < to; slot++) rows.push(slot)
    const cells = (slot: number) => values.map((own) => ((slot * 7) % 11 === 0 ? '' : own[slot]))
    const header = meters.map((meter) => `${meter}${name}`).join(',')
    const lines = rows.map((slot) => `${at(slot)},${cells(slot).join(',')}\n`)
    return `start,${header}\n${lines.join('')}`
  }
  await send(rowsOf(0, slots, '-whole'))
  const cuts = [0, 3, 4, 11, 12, 20, 29, 33, slots]
  const files = cuts.slice(1).map((to, index) => rowsOf(cuts[index]!, to, ''))
  const order = [...files, files[draw(8)]!, files[draw(8)]!]
  order.sort(() => draw(3) - 1)
  for (const each of order) await send(each)
  const found = await countingWords(log, 2)
  const energiesOf = (meter: string) => {
    const own = found.filter((each) => each.meter === meter)
    return own.map(({ startMs, energyMwh: mwh, durationS }) => [startMs, durationS, mwh])
  }
  expect(energiesOf('p3').length).toBeGreaterThan(20)
  for (const meter of meters) expect(energiesOf(meter)).toEqual(energiesOf(`${meter}-whole`))
})

test('property: of registers for an instant the store and TypeScript take the same', async () => {
  const meter = meterId('agree')
  const any = fc.record({
    slot: fc.nat(3),
    revision: fc.nat(1),
    standing: fc.constantFrom<Standing>(0, 1, 2),
    saidAtMs: fc.option(fc.constantFrom(firstMs, firstMs + 1), { nil: null }),
    version: fc.constantFrom(1, 2, 3, 999, 1_001).map((each) => firstMs * 1000 + each),
    kwh: fc.nat(9),
  })
  const [all] = fc.sample(
    fc.uniqueArray(any, { selector: ({ slot, version }) => `${slot} ${version}` }),
    {
      numRuns: 1,
      seed: 3,
    },
  )
  expect(all!.length).toBeGreaterThan(5)
  const kept = all!.map(
    ({ slot, kwh, ...each }): KeptRegister => ({
      ...each,
      ...{ meter, atMs: firstMs + slot * 1_800_000, valueMwh: energyMwh(kwh), stepS: null },
      ...{ rule: noRule, powerW: null, reactiveVar: null, quality: quality.measured },
      ...{ source: 's', ingest: '' },
    }),
  )
  await views.insert(
    'registers',
    kept.map((each) => ({
      ...{ meter, source: 's', at: each.atMs, version: each.version, ingest: '' },
      ...{ value_mwh: each.valueMwh, quality: each.quality, standing: each.standing },
      ...{ revision: each.revision, said_at: each.saidAtMs, step_s: 0, rule: '' },
    })),
  )
  const range = { startMs: firstMs, endMs: firstMs + 86_400_000 }
  const asked = { source: 's', meters: [meter], range, withdrawn: [] }
  expect((await readRegisters(views, asked)).get(meter)).toEqual(countingRegisters(kept))
})

test('a request that was cut before its words were logged says the same again', async () => {
  await enrol(['cut'])
  await send(file('cut', [10, 11, 300]))
  const ports = await openPorts()
  // 300 was a spike: its word is void, and none of these is of its interval.
  const said = { registers: [aRegister('cut', 3, 13), aRegister('cut', 4, 14)], nowMs: now }
  const cut: unknown[] = []
  const admit = async () => true
  const dies = async (entry: RegisterWords) => {
    cut.push(...entry.words)
    throw new Error('killed')
  }
  await expect(openRegisterStore(ports).take(said, { admit, append: dies })).rejects.toThrow(
    'killed',
  )
  const append = async ({ words }: RegisterWords) => words
  const again = await openRegisterStore(ports).take(said, { admit, append })
  expect(again).toEqual(cut)
  expect(again!.map(({ energyMwh: mwh, isVoid }) => [mwh, isVoid])).toEqual([
    [0, true],
    [1_000_000, false],
  ])
})

test('what is not admitted is not kept', async () => {
  await enrol(['barred'])
  const registerStore = openRegisterStore(await openPorts())
  const said = { registers: [aRegister('barred', 0, 1)], nowMs: now }
  const append = async ({ words }: RegisterWords) => words.length
  expect(await registerStore.take(said, { admit: async () => false, append })).toBeNull()
  const refuses = { append, admit: () => Promise.reject(new Error('withdrawn')) }
  await expect(registerStore.take(said, refuses)).rejects.toThrow('withdrawn')
  const next = { registers: [aRegister('barred', 1, 3)], nowMs: now }
  expect(await registerStore.take(next, { admit: async () => true, append })).toBe(0)
})

test('requests that wait are taken together, each for itself; of one meter in order', async () => {
  const meters = Array.from({ length: 30 }, (_, index) => `w${index}`)
  await enrol(meters)
  const ports = await openPorts()
  const inserted: string[] = []
  const registerStore = openRegisterStore({
    ...ports,
    views: {
      query: views.query,
      insert: (name, rows) => {
        inserted.push(name)
        return views.insert(name, rows)
      },
    },
  })
  const take = (meter: string, slot: number, kwh: number) => {
    const append = async ({ words }: RegisterWords) => {
      if (meter === 'w7' && slot === 0) throw new Error('the log is full')
      return words.map(({ energyMwh: mwh }) => mwh / 1e6)
    }
    const said = { registers: [aRegister(meter, slot, kwh)], nowMs: now }
    return registerStore.take(said, { admit: async () => true, append })
  }
  const first = meters.map((meter) => take(meter, 0, 1))
  const second = meters.map((meter) => take(meter, 1, 3))
  const answers = await Promise.allSettled([...first, ...second])
  const failed = answers.filter(({ status }) => status === 'rejected')
  expect(failed).toMatchObject([{ reason: { message: 'the log is full' } }])
  const values = await Promise.all(second)
  // What was not logged is kept, and the next register of its meter goes on from it.
  expect(values.map((each) => each![0])).toEqual(meters.map(() => 2))
  expect(inserted.length).toBeLessThan(6)
})

const now = clock.nowMs()

async function openPorts() {
  const registry = createMeterRegistry(views)
  await registry.refresh(true)
  return { log, views, clock, registry, partitions: 2 }
}

function aRegister(meter: string, slot: number, kwh: number): RegisterRead {
  return {
    ...{ meter: meterId(meter), atMs: firstMs + slot * 1_800_000, stepS: null, rule: noRule },
    ...{ valueMwh: energyMwh(kwh * 1_000_000), powerW: null, reactiveVar: null, saidAtMs: null },
    ...{ quality: quality.measured, standing: standing.stated, revision: 0 },
    ...{ source: '', ingest: '' },
  }
}

function at(slot: number, minutes = 0): string {
  return isoUtc(firstMs + slot * 1_800_000 + minutes * 60_000).replace(':00.000Z', 'Z')
}

function file(meter: string, values: readonly number[], from = 0): string {
  return `start,${meter}\n${values.map((kwh, index) => `${at(from + index)},${kwh}`).join('\n')}\n`
}

async function send(payload: string, query = registers): Promise<ReadingsAnswer> {
  const response = await post(`/api/v1/readings${query}`, { type: 'text/csv', payload })
  expect([response.statusCode, response.body.slice(0, 300)]).toEqual([202, expect.anything()])
  return response.json()
}

async function enrol(meters: readonly string[]): Promise<void> {
  const body = meters.map((meter) => ({
    meter,
    zone: 'Europe/London',
    group: 'G',
    intervalS: 1800,
  }))
  const payload = JSON.stringify(body)
  const { statusCode } = await post('/api/v1/meters', { type: 'application/json', payload })
  expect(statusCode).toBe(200)
}

/** `00:30 1.5` of the first day. */
async function counting(meter: string): Promise<string[]> {
  const own = (await countingWords(log, 2)).filter((each) => each.meter === meter)
  return own.map(({ startMs, energyMwh: mwh }) => `${isoUtc(startMs).slice(11, 16)} ${mwh / 1e6}`)
}

async function openRetry() {
  const registry = createMeterRegistry(views)
  const retry = createDeadLetterRetry({ log, views, clock, registry, partitions: 2 })
  return async ({ rejectedPosition, rejectedCount }: ReadingsAnswer) => {
    const offset = rejectedPosition! - rejectedCount + 1
    const records = await log.read({ topic: rejectedTopic, partition: 0, offset }, rejectedCount)
    const deadLetters = records.map(({ position, value }) => {
      return { ...decodeDeadLetter(value), offset: position.offset }
    })
    await registry.refresh(true)
    return retry(deadLetters, { isDryRun: false })
  }
}
