import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { chunk } from '../../schemas/chunk.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { decodeColumns, encodeColumns } from '../../schemas/reading/frame.ts'
import { rosterIdOf } from '../../schemas/reading/roster.ts'
import {
  countInserted,
  type InsertColumns,
  type NumberColumn,
} from '../../schemas/sql/insertColumns.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openPartialApi, testToken } from '../testing/testApi.ts'
import { cpuSOfPid, isCount, ownCpuS, print, printMachine } from './figures.ts'
import {
  caughtUp,
  frameOf,
  type LiveStores,
  openLiveStores,
  partitions,
  startMs,
  stepMs,
} from './liveStores.ts'

const meters = 20_000
const frameRowsDefault = 1_000
/** Gateways that send at one time: their appends share a flush. */
const sendersAtOnce = 8
const agent = new Agent({ keepAlive: true, maxSockets: sendersAtOnce })

/**
 * The whole line: frames by registered rosters by HTTP to the API and its log, and the speed layer
 * from there to rows that can be queried. The CPU is that of this process, in which API, log, layer
 * and the senders run, and of the store's; encoding the frames beforehand, loading the baselines
 * and the first slot, which compiles, are not in it.
 *
 * @param frameRows readings a frame, each of another meter.
 * @param stored `sums`: of the meters' rows only exceptions reach the store. The layer always has
 * them stored, so that this is the bound of what fewer rows could save.
 */
export async function printLine(
  readings = 400_000,
  frameRows = frameRowsDefault,
  stored = 'rows',
): Promise<void> {
  const usage = 'line [READINGS] [READINGS_A_FRAME] [rows|sums]'
  if (!isCount(readings, usage) || !isCount(frameRows, usage)) return
  const slots = Math.ceil(readings / meters) + 1
  const stores = await openLiveStores({ meters, slots })
  const stop = new AbortController()
  try {
    const views = stored === 'sums' ? keepExceptions(stores.views) : stores.views
    const given = { ...stores, views, clock: systemClock(), signal: stop.signal, partitions }
    const running = runSpeed({ ...given, report: print })
    const gateways = chunk(stores.meters.flat(), frameRows)
    const frames = framesOf(gateways, slots)
    const first = frames.length / slots
    const spent = await withApi(stores, async (port) => {
      for (const own of gateways) await post(port, 'rosters', JSON.stringify({ meters: own }))
      await postAll(stores, port, frames.slice(0, first))
      return measure(stores, () => postAll(stores, port, frames.slice(first)))
    })
    stop.abort()
    await running
    await checkSums(stores, slots)
    print(`frames of ${frameRows.toLocaleString('en')} readings by roster, ${stored} stored`)
    report(spent, (slots - 1) * meters)
  } finally {
    stop.abort()
    agent.destroy()
    await stores.close()
  }
}

/** A store that is given group sums and exceptions, and no other row of a meter. */
function keepExceptions(views: Views): Views {
  return {
    ...views,
    insert: async (rowSet, given, options) => {
      const isRows = rowSet === 'speed_deviation' && 'columns' in given
      const few = isRows ? exceptionsAmong(given as InsertColumns<'speed_deviation'>) : given
      if (countInserted(few) > 0) await views.insert(rowSet, few as typeof given, options)
    },
  }
}

function exceptionsAmong({
  rows,
  columns,
}: InsertColumns<'speed_deviation'>): InsertColumns<'speed_deviation'> {
  const flags = columns.is_exception
  const taken = <Column extends NumberColumn>(column: Column): Column => {
    if (column.length === 1) return column
    const own = (column as Float64Array).subarray(0, rows)
    return own.filter((_, row) => flags[row] === 1) as Column
  }
  const few = Object.entries(columns).map(([name, column]) => {
    if ('texts' in column) return [name, { ...column, indexes: taken(column.indexes) }]
    if ('added' in column) return [name, { ...column, added: taken(column.added) }]
    return [name, taken(column)]
  })
  return {
    rows: taken(flags).length,
    columns: Object.fromEntries(few) as typeof columns,
  }
}

/** CPU seconds. */
type Cost = { readonly cpuS: number; readonly storeCpuS: number; readonly seconds: number }

function report({ cpuS, storeCpuS, seconds }: Cost, readings: number): void {
  const us = (spentS: number) => ((spentS / readings) * 1e6).toFixed(2)
  const perS = (takenS: number) => Math.round(readings / takenS).toLocaleString('en')
  print(`${readings.toLocaleString('en')} readings of ${meters.toLocaleString('en')} meters:`)
  print(`${perS(cpuS + storeCpuS)} readings/s a core, ${perS(seconds)}/s by the clock`)
  print(`CPU-µs a reading: sender, API, log and layer ${us(cpuS)}, store ${us(storeCpuS)}`)
  printMachine()
}

function framesOf(gateways: readonly (readonly MeterId[])[], slots: number): Uint8Array[] {
  return Array.from({ length: slots }, (_, slot) =>
    gateways.map((own) => {
      return encodeColumns(decodeColumns(frameOf(own, slot)).columns, rosterIdOf(own))
    }),
  ).flat()
}

async function withApi<Result>(
  { views, log }: LiveStores,
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  // The day of the readings, since readings of a later day would be refused.
  const clock = { ...systemClock(), nowMs: () => startMs + 86_400_000 }
  const registry = createMeterRegistry(views)
  const api = await openPartialApi({
    ...{ views, log, clock, token: testToken },
    extensions: [
      (scope) => registerReadingsRoutes(scope, { log, views, clock, registry, partitions }),
    ],
  })
  await api.listen({ host: '127.0.0.1', port: 0 })
  try {
    return await use((api.server.address() as AddressInfo).port)
  } finally {
    await api.close()
  }
}

/** Until all of them are published. */
async function postAll(
  stores: LiveStores,
  port: number,
  frames: readonly Uint8Array[],
): Promise<void> {
  const left = frames.values()
  const sendOn = async () => {
    for (const frame of left) await post(port, 'readings', frame)
  }
  await Promise.all(Array.from({ length: sendersAtOnce }, sendOn))
  await caughtUp(stores)
}

/** Again while the disk is held up by something else, as senders do. */
async function post(port: number, path: string, body: Uint8Array | string): Promise<void> {
  for (;;) {
    const { status, said } = await send(port, path, body)
    if (status === 202 || status === 200) return
    invariant(status === 503, `The API answers ${status}: ${said}`)
  }
}

/** By the simplest client there is, as its CPU is counted too. */
async function send(port: number, path: string, body: Uint8Array | string) {
  const type = path === 'rosters' ? 'application/json' : 'application/vnd.wattproof.frame'
  const headers = {
    ...{ authorization: `Bearer ${testToken}`, 'content-type': type },
    'content-length': Buffer.byteLength(body),
  }
  const sent = request({ agent, port, method: 'POST', path: `/api/v1/${path}`, headers })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, said: await text(answer) }
}

/** Every meter is in every slot's sums. */
async function checkSums({ views }: LiveStores, slots: number): Promise<void> {
  const range = { from_ms: startMs, to_ms: startMs + slots * stepMs, limit: 10_000, group: '' }
  const sums = await views.query('merged_group', range)
  const members = sums.reduce((sum, each) => sum + each.members, 0)
  invariant(members === slots * meters, `The sums have ${members} members.`)
}

async function measure({ server }: LiveStores, work: () => Promise<void>): Promise<Cost> {
  const [own, store] = [ownCpuS(), cpuSOfPid(server.pid())]
  const beganMs = performance.now()
  await work()
  const cpuS = ownCpuS() - own
  const seconds = (performance.now() - beganMs) / 1000
  return { cpuS, storeCpuS: cpuSOfPid(server.pid()) - store, seconds }
}
