import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { print } from '../figures.ts'

type Line = { readonly peer: string; readonly par: number; readonly cpu10M: number }

/**
 * Runs the job's other programs, which are no part of this project: those of the folder that
 * `PEERS` names, prepared as its `keep/README.md` says. `SET` names some of them and `R` their
 * rounds, as there. Prints each one's line, and how many times our CPU seconds it takes.
 */
export async function runPeers(own: Line): Promise<void> {
  const { PEERS: folder, SET = 'dense polars', R = '5' } = process.env
  const program = path.join(folder ?? '', 'keep', 'run_all.sh')
  if (!folder || !existsSync(program)) {
    print('No peers: PEERS names no folder with keep/run_all.sh.')
    return
  }
  const env = { ...process.env, SET, R, LIM: process.env.LIM ?? '3600' }
  const running = spawn('bash', [program], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const text of createInterface({ input: running.stdout })) {
    print(text)
    if (!text.startsWith('{"peer"')) continue
    const { peer, par, cpu10M } = JSON.parse(text) as Line
    print(`  ${peer}, ${par}: ${(cpu10M / own.cpu10M).toPrecision(3)} × our CPU seconds`)
  }
}
