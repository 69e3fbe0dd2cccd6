import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runDemoOnce } from '../e2e/runDemo.ts'
import { cpuSOf, listTree, uptimeS } from '../testing/processTree.ts'
import { load, print } from './figures.ts'
import { measureMemory } from './processMemory.ts'
import { nameOfProcess } from './processNames.ts'
import { inFolder, startUp, stop } from './startUp.ts'

/** A start leaves merges, compilations and first looks behind it. */
const settleS = 30
const measuredSDefault = 60
/** The demo's folder goes on with the demo's seed and clock, which stands still. */
const demoEnvironment = {
  WATTPROOF_SEED: 'first light',
  WATTPROOF_CLOCK: 'simulated',
  WATTPROOF_SCHEDULE: 'manual',
}
const cpuSMinuteMax = 2
const memoryMbMax = 900

/**
 * What an installation costs while nobody uses it: CPU and memory of every process of `up`, in an
 * empty folder and in one that has run the demo. Linux only, for `/proc`.
 *
 * Memory is what is resident: each process's own pages, and the pages of each file (programs,
 * libraries, shared memory) once, as many as the process with most of them has. That is the sum of
 * PSS of a machine with nothing else on it, and does not become smaller when other installations
 * share the files. Other load hardly changes either figure.
 *
 * @returns a sentence for each figure beyond its bound.
 */
export async function printIdle(measuredS = measuredSDefault): Promise<string[]> {
  // The first start of these sources builds their bundle, which no later one pays for.
  await inFolder(async (dir) => stop((await startUp(dir)).up))
  const empty = await inFolder((dir) => measureIdle(dir, measuredS))
  printTable('an empty folder', empty)
  const used = await inFolder(async (dir) => {
    await runDemoOnce([], dir)
    return measureIdle(dir, measuredS, demoEnvironment)
  })
  printTable('after the demo', used)
  return [...problemsOf('an empty folder', empty), ...problemsOf('after the demo', used)]
}

type Costs = { readonly cpuSMinute: number; readonly ownMb: number }
type Row = Costs & { readonly name: string; readonly command: string }
type Idle = { readonly rows: readonly Row[]; readonly fileMb: number }

async function measureIdle(dir: string, measuredS: number, environment = {}): Promise<Idle> {
  const { up } = await startUp(dir, { environment })
  try {
    await sleep(settleS * 1000)
    const before = new Map(listTree(up.pid!).map((each) => [each.pid, cpuSOf(each)]))
    const beganS = uptimeS()
    await sleep(measuredS * 1000)
    const minutes = (uptimeS() - beganS) / 60
    const tree = listTree(up.pid!)
    const memory = measureMemory(tree)
    const rows = tree.map((each) => ({
      name: nameOfProcess(each),
      command: each.command,
      // One that has just begun costs what it has used so far.
      cpuSMinute: (cpuSOf(each) - (before.get(each.pid) ?? 0)) / minutes,
      ownMb: memory.ownMb.get(each.pid) ?? 0,
    }))
    return { rows, fileMb: memory.fileMb }
  } finally {
    await stop(up)
  }
}

function printTable(title: string, { rows, fileMb }: Idle): void {
  print(`\n${title}: ${rows.length} processes; load ${load()}`)
  const line = (name: string, { cpuSMinute, ownMb }: Costs, command = '') => {
    const cpu = `${cpuSMinute.toFixed(2).padStart(6)} CPU-s/min`
    print(`  ${name.padEnd(12)} ${cpu} ${ownMb.toFixed(0).padStart(5)} MB  ${command}`)
  }
  for (const name of new Set(rows.map((row) => row.name))) {
    const same = rows.filter((row) => row.name === name)
    line(name, sumOf(same))
    if (same.length > 1) for (const row of same) line('', row, shortened(row.command))
  }
  line('files', { cpuSMinute: 0, ownMb: fileMb })
  const { cpuSMinute, ownMb } = sumOf(rows)
  line('sum', { cpuSMinute, ownMb: ownMb + fileMb })
}

function shortened(command: string): string {
  const words = command.split(' ').map((word) => path.basename(word))
  return words.join(' ').slice(0, 50)
}

function problemsOf(title: string, { rows, fileMb }: Idle): string[] {
  const { cpuSMinute, ownMb } = sumOf(rows)
  const mb = ownMb + fileMb
  return [
    ...(cpuSMinute > cpuSMinuteMax
      ? [`${title}: ${cpuSMinute.toFixed(1)} CPU-s, at most ${cpuSMinuteMax}`]
      : []),
    ...(mb > memoryMbMax ? [`${title}: ${mb.toFixed(0)} MB, at most ${memoryMbMax}`] : []),
  ]
}

function sumOf(rows: readonly Row[]): Costs {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0)
  return { cpuSMinute: sum((row) => row.cpuSMinute), ownMb: sum((row) => row.ownMb) }
}
