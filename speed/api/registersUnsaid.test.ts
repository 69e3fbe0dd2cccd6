import { afterAll, expect, test } from 'vitest'
import { RegistersUnsettledError } from '../../schemas/errors/registers.ts'
import { meterId } from '../../schemas/ids.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { quality, standing } from '../../schemas/reading/reading.ts'
import { noRule, type RegisterRead } from '../../schemas/reading/register.ts'
import { energyMwh } from '../../schemas/units.ts'
import { clock, openReadingsApi } from '../testing/readingsApi.ts'
import { openRegisterStore, type RegisterStore } from './registerStore.ts'
import { createMeterRegistry } from './registry.ts'
import type { RegisterPorts } from './takeOutRegisters.ts'

/**
 * Registers that were kept while their words were not said. The first request says 10, 11 and 300
 * kWh; the one that is cut has 13 and 14, by which 300 was a spike: the word of 289 is void.
 */
const { close, log, post, views } = await openReadingsApi()
afterAll(close)

const ask = views.query as unknown as (name: string, ...given: never[]) => Promise<unknown>
const firstMs = Date.UTC(2013, 0, 1)
const whole = ['00:00 1', '01:30 1']

test('a repeat with another ingest or stamp says what the cut one did not', async () => {
  for (const [meter, more] of [
    ['by-ingest', { ingest: 'again' }],
    ['by-stamp', { saidAtMs: clock.nowMs() }],
  ] as const) {
    const words = await openMeter(meter)
    await words.take(words.registerStore(), spike)
    await expect(words.take(words.registerStore(), cut, dies)).rejects.toThrow('killed')
    await words.take(words.registerStore(), cut, { more })
    expect(words.last(), meter).toEqual(whole)
  }
})

test('so does one that comes after two that were cut, with whatever ingest', async () => {
  for (const [meter, last] of [
    ['third', 'c'],
    ['second-again', 'b'],
  ] as const) {
    const words = await openMeter(meter)
    await words.take(words.registerStore(), spike)
    for (const ingest of ['a', 'b']) {
      const how = { ...dies, more: { ingest } }
      await expect(words.take(words.registerStore(), cut, how)).rejects.toThrow('killed')
    }
    await words.take(words.registerStore(), cut, { more: { ingest: last } })
    expect(words.last(), meter).toEqual(whole)
  }
})

test('without a repeat the next registers say it, where the log had no room', async () => {
  const words = await openMeter('later')
  const registerStore = words.registerStore()
  await words.take(registerStore, spike)
  await expect(words.take(registerStore, cut, dies)).rejects.toThrow('killed')
  await words.take(registerStore, [[5, 15]])
  expect(words.last()).toEqual([...whole, '02:00 1'])
  await words.take(registerStore, [[6, 16]])
  // What is said is not said again.
  expect(words.said.at(-1)).toEqual(['02:30 1'])
})

test('so they do where the store refused to count', async () => {
  const words = await openMeter('uncounted')
  let fails = 0
  const registerStore = words.registerStore({
    insert: async (name: string, rows: readonly { at: number }[]) => {
      await views.insert(name as 'registers', rows as never)
      if (name === 'registers' && rows[0]!.at === at(3)) fails = 1
    },
    query: async (name: string, ...given: never[]) => {
      if (name === 'register_counts' && fails-- > 0) throw new Error('busy')
      return ask(name, ...given)
    },
  } as unknown as RegisterPorts['views'])
  await words.take(registerStore, spike)
  await expect(words.take(registerStore, cut)).rejects.toThrow('busy')
  await words.take(registerStore, [[5, 15]])
  expect(words.last()).toEqual([...whole, '02:00 1'])
})

test('while others say registers without end a request is asked to come again', async () => {
  const words = await openMeter('busy')
  let others = 0
  const registerStore = words.registerStore({
    insert: views.insert,
    query: async (name: string, ...given: never[]) => {
      const rows = await ask(name, ...given)
      if (name !== 'register_counts' || others < 0) return rows
      return [{ meter: 'busy', records: 100 + others++ }]
    },
  } as unknown as RegisterPorts['views'])
  await expect(words.take(registerStore, spike)).rejects.toThrow(RegistersUnsettledError)
  expect(others).toBeLessThan(20)
  others = -1
  await words.take(registerStore, spike)
  expect(words.last()).toEqual(['00:00 1', '00:30 289'])
})

type Registers = readonly (readonly [slot: number, kwh: number])[]

const spike: Registers = [
  [0, 10],
  [1, 11],
  [2, 300],
]
const cut: Registers = [
  [3, 13],
  [4, 14],
]
type How = { readonly more?: Partial<RegisterRead>; readonly isCut?: boolean }
const dies: How = { isCut: true }

/** One meter, and what is said of it last. */
async function openMeter(meter: string) {
  const payload = JSON.stringify([{ meter, zone: 'UTC', group: 'G', intervalS: 1800 }])
  await post('/api/v1/meters', { type: 'application/json', payload })
  const registry = createMeterRegistry(views)
  await registry.refresh(true)
  const said: string[][] = []
  const keep = (words: readonly Reading[]) => void said.push(words.map(textOf))
  const take = (
    registerStore: RegisterStore,
    registers: Registers,
    { more, isCut = false }: How = {},
  ) => {
    const own = registers.map(([slot, kwh]) => ({ ...aRegister(meter, slot, kwh), ...more }))
    const append = async ({ words }: { words: readonly Reading[] }) => {
      if (isCut) throw new Error('killed')
      keep(words)
    }
    return registerStore.take(
      { registers: own, nowMs: clock.nowMs() },
      { admit: async () => true, append },
    )
  }
  const registerStore = (own = views as RegisterPorts['views']) => {
    return openRegisterStore({ ...{ log, clock, registry, partitions: 2 }, views: own })
  }
  const last = () => {
    const counting = new Map(said.flat().map((text) => [text.slice(0, 5), text]))
    return [...counting.values()].filter((text) => !text.endsWith('void')).sort()
  }
  return { registerStore, last, said, take }
}

function aRegister(meter: string, slot: number, kwh: number): RegisterRead {
  return {
    ...{ meter: meterId(meter), atMs: at(slot), stepS: null, rule: noRule },
    ...{ valueMwh: energyMwh(kwh * 1_000_000), powerW: null, reactiveVar: null, saidAtMs: null },
    ...{ quality: quality.measured, standing: standing.stated, revision: 0 },
    ...{ source: '', ingest: '' },
  }
}

function at(slot: number): number {
  return firstMs + slot * 1_800_000
}

function textOf({ startMs, energyMwh: mwh, isVoid }: Reading): string {
  return `${new Date(startMs).toISOString().slice(11, 16)} ${isVoid ? 'void' : mwh / 1e6}`
}
