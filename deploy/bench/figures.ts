import { readFileSync } from 'node:fs'
import os from 'node:os'

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What a figure was taken on, and beside how much else. */
export function printMachine(): void {
  print(`${os.cpus()[0]!.model}, Node ${process.version}, load ${load()}`)
}

/** How many processes ran or waited to, over the last minute. */
export function load(): string {
  return os.loadavg()[0]!.toFixed(1)
}

/** A whole number from 1 on; otherwise it is said how the bench is used. */
export function isCount(given: number, usage: string): boolean {
  if (Number.isSafeInteger(given) && given >= 1) return true
  process.stderr.write(`Usage: npm run bench -- ${usage}\n`)
  process.exitCode = 2
  return false
}

/** CPU seconds of a process and its threads, from `/proc`; without those of its children. */
export function cpuSOfPid(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the name in brackets: the 14th and 15th field, in hundredths of a second.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** CPU seconds of all threads of this process. */
export function ownCpuS(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The value that this share of all lies below; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0
}

export function spreadOfMs(latenciesMs: readonly number[]): string {
  const of = (share: number) => Math.round(quantile(latenciesMs, share))
  return `p50 ${of(0.5)} ms, p95 ${of(0.95)} ms, max ${of(1)} ms`
}

/** The median of some values, the least and the most, in a unit. */
export function spreadOf(values: readonly number[], unit: number): string {
  const [median, least, most] = [0.5, 0, 1].map((share) => {
    const value = quantile(values, share) / unit
    return value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en')
  })
  return `${median} (${least} … ${most})`
}

const roundsMin = 5
const roundCpuS = 0.2

/** Units a CPU second of all threads, of five rounds after a first one; `run` returns its units. */
export function ratesByCpu(run: () => number): number[] {
  for (const began = ownCpuS(); ownCpuS() - began < roundCpuS / 2; ) run()
  return Array.from({ length: roundsMin }, () => {
    const began = ownCpuS()
    let units = 0
    let spentS = 0
    while (spentS < roundCpuS) {
      units += run()
      spentS = ownCpuS() - began
    }
    return units / spentS
  })
}
