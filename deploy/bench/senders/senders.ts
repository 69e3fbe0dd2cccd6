import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { open } from 'lmdb'
import { serverArgs } from '../../process/runtime.ts'
import { testProgramArgs } from '../../testing/engineArgs.ts'
import { testToken } from '../../testing/testApi.ts'
import { startTestClickHouse } from '../../testing/testClickHouse.ts'
import { load, print } from '../figures.ts'
import type { SendParameters, Sent } from './sendReadings.ts'

const connections = 1_000
const rateMax = 5_000
const p99MsMax = 250
const defaultRates = [500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 0]

/**
 * What 1,000 senders of one reading a request get from the API and its log, by rate: how many
 * requests are answered a second, in what time, how many are refused, and what one costs the
 * server and the sender. No other layer runs. Of JSON by rate; of frames as fast as they go.
 *
 * Beside it, from the same run, what this machine allows: a bare Fastify that answers 202, and
 * groups of records that LMDB puts on the disk a second.
 *
 * @returns a sentence for each rate up to 5,000/s at which one was refused, fewer were accepted, or
 * the p99 was above 250 ms.
 */
export async function printSenders(rates: readonly number[], seconds = 10): Promise<string[]> {
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model}, Node ${process.version}`
  print(`${machine}; ${connections} connections, ${seconds} s a rate\n`)
  const groups = await measureGroups(seconds / 2)
  print(`LMDB alone: ${groups.toFixed(0)} groups of 32 records a second on the disk`)
  await measureServer('bare', null, [jsonAt(0, seconds), jsonAt(5_000, seconds)])
  const clickhouse = await startTestClickHouse()
  const given = rates.length > 0 ? rates : defaultRates
  const loads = [
    ...given.map((rate) => jsonAt(rate, seconds)),
    { ...jsonAt(0, seconds), body: 'frame' as const },
  ]
  const problems = await measureServer('api', clickhouse.url, loads)
  await clickhouse.stop()
  return problems
}

type Load = Pick<SendParameters, 'rate' | 'seconds' | 'body'>

function jsonAt(rate: number, seconds: number): Load {
  return { rate, seconds, body: 'json' }
}

async function measureServer(
  kind: string,
  url: string | null,
  loads: readonly Load[],
): Promise<string[]> {
  const server = await start(serverFile, ...(url === null ? [] : [url]))
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  // Compiled code, the list of meters and the memory of keys.
  const warm = { ...jsonAt(0, 60), answersMax: 20_000 }
  await send({ ...warm, port, fromS: 1_000_000_000 })
  const problems: string[] = []
  for (const [index, asked] of loads.entries()) {
    const beforeS = await cpuOf(server)
    const sent = await send({ ...asked, port, fromS: 1_100_000_000 + index * 1_000_000 })
    const cpuS = (await cpuOf(server)) - beforeS
    const each = (s: number) => ((s / sent.latenciesMs.length) * 1e6).toFixed(0).padStart(4)
    const cost = `CPU-µs each: server ${each(cpuS)}, sender ${each(sent.cpuS)}`
    print(`${kind} ${asked.body.padEnd(5)} ${lineOf(asked.rate, sent)} ${cost}; load ${load()}`)
    problems.push(...problemsOf(asked.rate, sent))
  }
  server.disconnect()
  await once(server, 'exit')
  return problems
}

/** What is promised of one reading a request, up to 5,000 a second. */
function problemsOf(rate: number, { seconds, byStatus, latenciesMs, unanswered }: Sent): string[] {
  if (rate === 0 || rate > rateMax) return []
  const accepted = byStatus[202] ?? 0
  const refused = latenciesMs.length - accepted + unanswered
  const p99Ms = latenciesMs[Math.floor((latenciesMs.length - 1) * 0.99)] ?? Number.NaN
  const asked = `Of ${rate} requests a second`
  return [
    ...(refused > 0 ? [`${asked} ${refused} were refused or not answered in all.`] : []),
    ...(accepted / seconds >= 0.98 * rate
      ? []
      : [`${asked} ${(accepted / seconds).toFixed(0)} were accepted.`]),
    ...(p99Ms <= p99MsMax
      ? []
      : [`${asked} the p99 was ${p99Ms.toFixed(0)} ms; ${p99MsMax} is the aim.`]),
  ]
}

function lineOf(rate: number, sent: Sent): string {
  const { seconds, byStatus, latenciesMs, broken, unanswered } = sent
  const accepted = byStatus[202] ?? 0
  const refused = latenciesMs.length - accepted
  const of = (share: number) =>
    latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? Number.NaN
  const asked = rate === 0 ? 'all it can' : `${rate}/s`
  return (
    `${asked.padStart(10)}: ${(accepted / seconds).toFixed(0).padStart(6)} accepted/s  ` +
    `p50 ${of(0.5).toFixed(1).padStart(7)} ms  p99 ${of(0.99).toFixed(1).padStart(7)} ms  ` +
    `max ${of(1).toFixed(0).padStart(6)} ms  refused ${refused}  ` +
    `broken ${broken}  unanswered ${unanswered}`
  )
}

async function send(given: Omit<SendParameters, 'token' | 'connections'>): Promise<Sent> {
  const parameters: SendParameters = { ...given, token: testToken, connections }
  const sender = await start(senderFile, JSON.stringify(parameters))
  const [sent] = (await once(sender, 'message')) as [Sent]
  return sent
}

async function cpuOf(server: ChildProcess): Promise<number> {
  server.send('cpu')
  const [{ cpuS }] = (await once(server, 'message')) as [{ cpuS: number }]
  return cpuS
}

const serverFile = 'deploy/bench/senders/readingsServer.ts'
const senderFile = 'deploy/bench/senders/senderMain.ts'

/**
 * From a bundle, as `up` runs: `tsx` names every function as it is made, which takes its time. The
 * server has the arguments that `up` gives the API.
 */
async function start(source: string, ...given: readonly string[]): Promise<ChildProcess> {
  const nodeArgs = source === serverFile ? serverArgs : []
  const args = [...nodeArgs, ...(await testProgramArgs(source)), ...given]
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc']
  return spawn(process.execPath, args, { stdio, serialization: 'advanced' })
}

async function measureGroups(seconds: number): Promise<number> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-groups-'))
  const root = open<Buffer, string[]>({ path: dir, noSubdir: false })
  const records = root.openDB<Buffer, number>({ name: 'records', encoding: 'binary' })
  const value = Buffer.alloc(170, 1)
  const beganMs = performance.now()
  let groups = 0
  for (; performance.now() - beganMs < seconds * 1000; groups++) {
    await root.transaction(() => {
      for (let each = 0; each < 32; each++) void records.put(groups * 32 + each, value)
    })
    await root.flushed
  }
  await root.close()
  rmSync(dir, { recursive: true, force: true })
  return groups / seconds
}
