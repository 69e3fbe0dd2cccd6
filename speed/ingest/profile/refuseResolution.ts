import { ContradictionError } from '../../../schemas/errors/profile.ts'
import type { TableRow } from '../table/table.ts'
import type { Step } from './findStep.ts'
import { plainName } from './readUnit.ts'

const names = new Set([
  ...['resolution', 'interval length', 'granularity', 'auflosung', 'zeitauflosung', 'resolucion'],
  ...['resolucao', 'risoluzione', 'resolutie', 'messintervall', 'pas de temps'],
])
const written = /^(\d{1,4})\s*(s|sec|seconds?|m|min|mins|minutes?|minuten|h|hours?|stunden?)\.?$/i

/**
 * Refuses a file that says its resolution above the header and has stamps of another one.
 *
 * @throws ContradictionError
 */
export function refuseResolution(
  preamble: readonly TableRow[],
  steps: ReadonlyMap<string, Step | null>,
): void {
  const found = [...steps.values()].flatMap((step) => step?.stepS ?? [])
  if (found.length === 0) return
  for (const { cells, line } of preamble) {
    if (!names.has(plainName(cells[0] ?? ''))) continue
    const [, count, unit = ''] = written.exec(cells[1]?.trim() ?? '') ?? []
    if (count === undefined) continue
    const unitS = /^s(?!t)/i.test(unit) ? 1 : /^m/i.test(unit) ? 60 : 3600
    const seconds = Number(count) * unitS
    if (found.includes(seconds)) continue
    const said = `${cells[1]!.trim()} in line ${line}`
    const where = 'the stamps are'
    throw new ContradictionError({ field: 'resolution', said, found: `${found[0]} s apart`, where })
  }
}
