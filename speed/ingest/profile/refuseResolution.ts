import { ContradictionError } from '../../../schemas/errors/profile.ts'
import type { TableRow } from '../table/table.ts'
import type { Step } from './findStep.ts'
import { readDuration } from './readDuration.ts'
import { plainName } from './readUnit.ts'

const names = new Set([
  ...['resolution', 'interval length', 'granularity', 'auflosung', 'zeitauflosung', 'resolucion'],
  ...['resolucao', 'risoluzione', 'resolutie', 'messintervall', 'pas de temps', 'interval'],
  ...['time resolution', 'time step', 'zeitraster', 'messraster', 'zeitintervall', 'intervallo'],
])
/** `30 min`, `0,5 h` and `1/4h`. */
const written = /^(\d{1,4}(?:[.,]\d{1,3})?)(?:\/(\d{1,2}))?\s*(s|sec|m|min|h|std|[a-z]{4,8})\.?$/i
const unitsS: readonly (readonly [RegExp, number])[] = [
  [/^s(?:ec)?$|^se[ckg]/i, 1],
  [/^m(?:in)?$|^min/i, 60],
  [/^h$|^std$|^(?:hours?|stunden?|heures?|horas?|ore|uur|uren)$/i, 3600],
]

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
    const { name, text } = entryOf(cells)
    if (!names.has(plainName(name))) continue
    const seconds = secondsOf(text)
    if (seconds === null || found.includes(seconds)) continue
    const said = `${text} in line ${line}`
    const where = 'the stamps are'
    throw new ContradictionError({ field: 'resolution', said, found: `${found[0]} s apart`, where })
  }
}

/** Two cells, or `Resolution: 30 min` in one. */
function entryOf([first = '', second = '']: readonly string[]) {
  const [, name, text] = (second.trim() === '' && /^([^:=]+)[:=](.+)$/.exec(first)) || []
  return { name: name ?? first, text: (text ?? second).trim() }
}

/** Null where it is not said in time: a bare number may count anything. */
function secondsOf(text: string): number | null {
  if (/^\d+$/.test(text)) return null
  const [, count = '', parts = '1', unit = ''] = written.exec(text) ?? []
  const unitS = unitsS.find(([word]) => word.test(unit))?.[1]
  if (unitS === undefined) return readDuration(text, 60)
  return Math.round((Number(count.replace(',', '.')) * unitS) / Number(parts))
}
