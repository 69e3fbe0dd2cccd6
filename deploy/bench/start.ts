import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { anvilBinary } from '../embedded/anvilBinary.ts'
import { choosePostgresAccount, giveTo } from '../embedded/postgresAccount.ts'
import { postgresBinaries } from '../embedded/postgresBinaries.ts'
import { postgresEnvironment } from '../embedded/postgresWatchdog.ts'
import { freePorts } from '../installation/addresses.ts'
import { projectRoot } from '../process/runtime.ts'
import { callAnvil } from '../testing/callAnvil.ts'
import { cpuSOf, listTree, uptimeS } from '../testing/processTree.ts'
import { load, print, quantile } from './figures.ts'
import { cpuByName } from './processNames.ts'
import { inFolder, startUp, stop } from './startUp.ts'

/** Node processes of `up`: the supervisor, three owners of engines, three layers, validators. */
const nodeProcesses = 8

const wallMaxS = 6

type Start = {
  readonly wallS: number
  readonly cpuS: number
  /** Seconds from the command on. */
  readonly at: Readonly<Record<string, number>>
  readonly cpuOf: ReadonlyMap<string, number>
}

/**
 * How long `wattproof up` takes in an empty folder, and the CPU of all its processes until then.
 *
 * CPU is compared with what the parts cost alone, in the same minute: as many Node processes that
 * do nothing, initdb, a ClickHouse that answers `SELECT 1`, and an anvil that answers. Other load
 * on the machine lengthens the wall time by far and the CPU by up to half. Linux only, for `/proc`.
 *
 * @returns a sentence where the median is above the 6 s that it may take on two cores.
 */
export async function printStart(runs = 5): Promise<string[]> {
  // The first start of these sources builds their bundle and templates.
  await measureStart()
  const starts: Start[] = []
  const floors: number[] = []
  for (let run = 1; run <= runs; run++) {
    const start = await measureStart()
    const floorS = await measureParts()
    starts.push(start)
    floors.push(floorS)
    const taken = `${s(start.wallS)} wall, ${s(start.cpuS)} CPU; parts ${s(floorS)}`
    print(`run ${run}: ${taken}; load ${load()}`)
  }
  const cpuS = median(starts.map((each) => each.cpuS))
  const floorS = median(floors)
  const wallS = median(starts.map((each) => each.wallS))
  print(`\nmedian of ${runs}: ${s(wallS)} wall, ${s(cpuS)} CPU`)
  print(`the parts alone: ${s(floorS)} CPU; ratio ${(cpuS / floorS).toFixed(2)}`)
  for (const name of Object.keys(starts[0]!.at)) {
    print(`  ${name.padEnd(24)} at ${s(median(starts.map((each) => each.at[name] ?? 0)))}`)
  }
  for (const name of starts[0]!.cpuOf.keys()) {
    print(`  ${name.padEnd(24)} CPU ${s(median(starts.map((each) => each.cpuOf.get(name) ?? 0)))}`)
  }
  return wallS <= wallMaxS ? [] : [`A start took ${s(wallS)}; at most ${s(wallMaxS)} is the aim.`]
}

async function measureStart(): Promise<Start> {
  return inFolder(async (dir) => {
    const at: Record<string, number> = {}
    const beganS = uptimeS()
    const onLine = (line: string) => {
      const [, ready] = /^(.+) is ready \(/.exec(line) ?? []
      if (ready !== undefined) at[`${ready} is ready`] = uptimeS() - beganS
    }
    const { up } = await startUp(dir, { onLine })
    try {
      const wallS = uptimeS() - beganS
      const tree = listTree(up.pid!)
      const startOf = (part: string) => tree.find(({ command }) => command.includes(part))?.startS
      at['supervisor is loaded'] = (startOf('clickhouse/main') ?? beganS) - beganS
      at.up = wallS
      return { wallS, cpuS: sum(tree.map(cpuSOf)), at: sorted(at), cpuOf: cpuByName(tree) }
    } finally {
      await stop(up)
    }
  })
}

/** CPU of the parts alone, s. */
async function measureParts(): Promise<number> {
  const idle = () => cpuOfCommand([process.execPath, '-e', '0'])
  const idleS = median([idle(), idle(), idle(), idle(), idle()])
  // In a folder of its own: chdb writes next to the process.
  const chdb = "new (require('chdb').Session)().query('SELECT 1')"
  const clickhouseS = cpuOfCommand([process.execPath, '-e', chdb]) - idleS
  return nodeProcesses * idleS + clickhouseS + (await measureInitdb()) + (await measureAnvil())
}

function measureInitdb(): Promise<number> {
  return inFolder(async (dir) => {
    const binaries = await postgresBinaries()
    const data = path.join(dir, 'data')
    const { owner, prefix, ids } = choosePostgresAccount([data, binaries.postgres])
    mkdirSync(data, { mode: 0o700 })
    giveTo(owner, data)
    const command = [binaries.initdb, '-D', data, '--locale=C', '-A', 'reject']
    return cpuOfCommand([...prefix, ...command], ids)
  })
}

async function measureAnvil(): Promise<number> {
  const [port] = await freePorts(1)
  const anvil = spawn(anvilBinary(), ['--port', String(port), '--quiet'], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  while ((await callAnvil(url, 'eth_chainId').catch(() => null)) === null);
  const cpuS = sum(listTree(anvil.pid!).map(cpuSOf))
  anvil.kill('SIGKILL')
  return cpuS
}

/** User and system time of a command and its children, by the shell's `times`. */
function cpuOfCommand(
  command: readonly string[],
  ids: { uid?: number; gid?: number } = {},
): number {
  const args = ['-c', '"$@" >/dev/null && times', 'sh', ...command]
  const env = { ...postgresEnvironment, HOME: os.tmpdir() }
  const said = execFileSync('/bin/sh', args, { ...ids, env, cwd: projectRoot, encoding: 'utf8' })
  const times = said
    .trim()
    .split('\n')
    .at(-1)!
    .matchAll(/(\d+)m([\d.]+)s/g)
  return sum([...times].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds)))
}

function sorted(at: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(at).sort(([, left], [, right]) => left - right))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0)
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function s(seconds: number): string {
  return `${seconds.toFixed(2)} s`
}
