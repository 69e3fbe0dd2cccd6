import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'

export type Flow = 'import' | 'export'

/** Words of exports for what the grid delivers, and for what is fed in; plain, as whole words. */
const words: Readonly<Record<Flow, readonly string[]>> = {
  import: [
    ...['import', 'imported', 'delivered', 'forward', 'consumption', 'consumed', 'withdrawal'],
    ...['bezug', 'netzbezug', 'verbrauch', 'afname', 'verbruik', 'soutirage', 'consommation'],
    ...['consumo', 'prelievo', 'uttag', 'forbrug', 'forbruk', 'importacion', 'net', 'total'],
  ],
  export: [
    ...['export', 'exported', 'received', 'reverse', 'production', 'generation', 'injection'],
    ...['einspeisung', 'netzeinspeisung', 'ruckspeisung', 'injectie', 'teruglevering'],
    ...['excedente', 'excedentes', 'vertido', 'inyeccion', 'injecao', 'immissione', 'inmatning'],
    ...['exportacion', 'produktion', 'erzeugung', 'opwek'],
  ],
}

/** Words that mean a flow only alone; 1 and 19 are those of ESPI. */
const alone: Readonly<Record<string, Flow>> = {
  ...{ in: 'import', '1': 'import', out: 'export', '19': 'export' },
}

/** Which way a row says that its energy went; null where nobody knows the word. */
export function flowOf(text: string, { flow }: Profile): Flow | null {
  const said = Object.entries(flow ?? {}).find(([word]) => {
    return word.toLowerCase() === text.toLowerCase()
  })
  if (said) return said[1]
  // A row without a word is of the usual direction.
  if (text === '') return 'import'
  const plain = plainName(text)
  const found = alone[plain]
  if (found) return found
  const parts = plain.split(' ')
  const [isImport, isExport] = [has(parts, 'import'), has(parts, 'export')]
  if (isImport === isExport) return null
  return isImport ? 'import' : 'export'
}

function has(parts: readonly string[], flow: Flow): boolean {
  return parts.some((part) => words[flow].includes(part))
}
