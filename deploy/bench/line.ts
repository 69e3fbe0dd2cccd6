import type { AddressInfo } from 'node:net'
import os from 'node:os'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openPartialApi, testToken } from '../testing/testApi.ts'
import {
  caughtUp,
  cpuSOf,
  frameOf,
  isCount,
  type LiveStores,
  openLiveStores,
  partitions,
  print,
  startMs,
  stepMs,
} from './liveStores.ts'

const meters = 20_000
const readingsOfFrame = 1_000

/**
 * The whole line: frames of 1,000 readings by HTTP to the API and its log, and the speed layer from
 * there to rows that can be queried. The CPU is that of this process, in which API, log, layer and
 * the sender run, and of the store's; encoding the frames beforehand, loading the baselines and the
 * first slot, which compiles, are not in it.
 */
export async function printLine(readings = 400_000): Promise<void> {
  if (!isCount(readings, 'line [READINGS]')) return
  const slots = Math.ceil(readings / meters) + 1
  const stores = await openLiveStores({ meters, slots })
  const stop = new AbortController()
  try {
    const given = { ...stores, clock: systemClock(), signal: stop.signal, partitions }
    const running = runSpeed({ ...given, report: print })
    const frames = framesOf(stores.meters, slots)
    const first = frames.length / slots
    const spent = await withApi(stores, async (port) => {
      await postAll(stores, port, frames.slice(0, first))
      return measure(stores, () => postAll(stores, port, frames.slice(first)))
    })
    stop.abort()
    await running
    await checkSums(stores, slots)
    report(spent, (slots - 1) * meters)
  } finally {
    stop.abort()
    await stores.close()
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
  print(`${os.cpus()[0]!.model}, Node ${process.version}, load ${os.loadavg()[0]!.toFixed(1)}`)
}

function framesOf(byPartition: LiveStores['meters'], slots: number): Uint8Array[] {
  const gateways = byPartition.flatMap((own) =>
    Array.from({ length: Math.ceil(own.length / readingsOfFrame) }, (_, at): readonly MeterId[] =>
      own.slice(at * readingsOfFrame, (at + 1) * readingsOfFrame),
    ),
  )
  return Array.from({ length: slots }, (_, slot) =>
    gateways.map((own) => frameOf(own, slot)),
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
  for (const frame of frames) await post(port, frame)
  await caughtUp(stores)
}

async function post(port: number, body: Uint8Array): Promise<void> {
  const headers = {
    ...{ authorization: `Bearer ${testToken}`, 'content-type': 'application/vnd.wattproof.frame' },
  }
  const url = `http://127.0.0.1:${port}/api/v1/readings`
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) })
  const said = await answer.text()
  invariant(answer.status === 202, `The API answers ${answer.status}: ${said}`)
}

/** Every meter is in every slot's sums. */
async function checkSums({ views }: LiveStores, slots: number): Promise<void> {
  const range = { from_ms: startMs, to_ms: startMs + slots * stepMs, limit: 10_000, group: '' }
  const sums = await views.query('merged_group', range)
  const members = sums.reduce((sum, each) => sum + each.members, 0)
  invariant(members === slots * meters, `The sums have ${members} members.`)
}

async function measure({ server }: LiveStores, work: () => Promise<void>): Promise<Cost> {
  const [own, store] = [process.cpuUsage(), cpuSOf(server.pid())]
  const beganMs = performance.now()
  await work()
  const { user, system } = process.cpuUsage(own)
  const seconds = (performance.now() - beganMs) / 1000
  return { cpuS: (user + system) / 1e6, storeCpuS: cpuSOf(server.pid()) - store, seconds }
}
