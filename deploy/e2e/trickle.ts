import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type LiveUp } from './liveUp.ts'

/** A reading of each meter a request, which go on whatever happens to the installation. */
export type Trickle = {
  /** Energy of each acknowledged reading of the first meter, Wh, in order. */
  acknowledged(): readonly number[]
  /** Status of each request that was not acknowledged. */
  refused(): readonly number[]
  stop(): Promise<void>
}

export const trickleMeter = 'TRICKLE-1'
const meterOf = (index: number) => `TRICKLE-${index + 1}`
const stepS = 60
const pauseMs = 200

/** Enrols the meters and sends their first readings. A reading is sent until it is acknowledged. */
export async function startTrickle(up: LiveUp, meterCount = 1): Promise<Trickle> {
  const json = { 'content-type': 'application/json' }
  const names = Array.from({ length: meterCount }, (_, index) => meterOf(index))
  const meters = names.map((meter) => {
    return { meter, zone: 'Europe/London', group: 'g', intervalS: stepS }
  })
  await ask(up, '/api/v1/meters', { method: 'POST', headers: json, body: JSON.stringify(meters) })
  const firstMs = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 86_400_000
  const acknowledged: number[] = []
  const refused: number[] = []
  let isOver = false
  const send = async (index: number) => {
    const energyWh = 100 + (index % 50)
    const start = new Date(firstMs + index * stepS * 1000).toISOString()
    const rows = names.map((meter) => `${meter},${start},${stepS},${energyWh}\n`)
    const body = `meter,start,duration_s,energy_wh\n${rows.join('')}`
    const headers = { 'content-type': 'text/csv', 'idempotency-key': `trickle-${index}` }
    for (;;) {
      const { status } = await ask(up, '/api/v1/readings', { method: 'POST', headers, body })
      if (status === 202) break
      refused.push(status)
      await sleep(pauseMs)
    }
    acknowledged.push(energyWh)
  }
  await send(0)
  const running = (async () => {
    for (let index = 1; !isOver; index++) {
      await send(index)
      await sleep(pauseMs)
    }
  })()
  return {
    acknowledged: () => acknowledged,
    refused: () => refused,
    stop: () => {
      isOver = true
      return running
    },
  }
}
