import { cpuSOf, type Measured } from '../testing/processTree.ts'

const names: readonly (readonly [string, RegExp])[] = [
  ['ClickHouse', /clickhouse\/main/],
  ['PostgreSQL', /postgres/],
  ['anvil', /anvil/],
  ['API', /cli\.mjs serve|esbuild/],
  ['speed', /cli\.mjs speed/],
  ['batch', /cli\.mjs batch|handlerMain/],
  ['validators', /cli\.mjs validator/],
]

/** What a process of `up` does, for a reader of a table. */
export function nameOfProcess({ command }: Measured): string {
  return names.find(([, pattern]) => pattern.test(command))?.[0] ?? 'supervisor'
}

/** By what they do, s; ended children are included. */
export function cpuByName(tree: readonly Measured[]): Map<string, number> {
  const cpu = new Map<string, number>()
  for (const each of tree) {
    const name = nameOfProcess(each)
    cpu.set(name, (cpu.get(name) ?? 0) + cpuSOf(each))
  }
  return cpu
}
