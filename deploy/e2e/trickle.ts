import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type LiveUp } from './liveUp.ts'

/** Readings of one meter, one request each, that go on whatever happens to the installation. */
export type Trickle = {
  /** Energy of each acknowledged reading, Wh, in order. */
  acknowledged(): readonly number[]
  /** Status of each request that was not acknowledged. */
  refused(): readonly number[]
  stop(): Promise<void>
}

export const trickleMeter = 'TRICKLE-1'
const stepS = 60
const pauseMs = 200

/** Enrols the meter and sends its first reading. A reading is sent until it is acknowledged. */
export async function startTrickle(up: LiveUp): Promise<Trickle> {
  const json = { 'content-type': 'application/json' }
  const meter = { meter: trickleMeter, zone: 'Europe/London', group: 'g', intervalS: stepS }
  await ask(up, '/api/v1/meters', { method: 'POST', headers: json, body: JSON.stringify([meter]) })
  const firstMs = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 86_400_000
  const acknowledged: number[] = []
  const refused: number[] = []
  let isOver = false
  const send = async (index: number) => {
    const energyWh = 100 + (index % 50)
    const start = new Date(firstMs + index * stepS * 1000).toISOString()
    const body = `meter,start,duration_s,energy_wh\n${trickleMeter},${start},${stepS},${energyWh}\n`
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
