import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'

export type Flow = 'import' | 'export'

/** Words for what a roof produces: all of it, or what of it is fed in. */
const produced = [
  ...['production', 'generation', 'produktion', 'erzeugung', 'opwek', 'produccion', 'producao'],
  ...['produzione', 'generacion', 'geracao', 'generated', 'produced'],
]
/** Words that name nothing else than what is fed in. */
const fedIn = [
  ...[
    'export',
    'exported',
    'returned',
    'feedin',
    'reinjected',
    'surplus',
    'injection',
    'einspeisung',
    'netzeinspeisung',
    'ruckspeisung',
  ],
  ...['injectie', 'teruglevering', 'excedente', 'excedentes', 'vertido', 'inyeccion', 'injecao'],
  ...['immissione', 'inmatning', 'exportacion'],
]

/** Words of exports for what the grid delivers, and for what is fed in; plain, as whole words. */
const words: Readonly<Record<Flow, readonly string[]>> = {
  import: [
    ...['import', 'imported', 'delivered', 'forward', 'consumption', 'consumed', 'withdrawal'],
    ...['bezug', 'netzbezug', 'verbrauch', 'afname', 'verbruik', 'soutirage', 'consommation'],
    ...['consumo', 'prelievo', 'uttag', 'forbrug', 'forbruk', 'importacion', 'net', 'total'],
  ],
  export: [...fedIn, ...produced, 'received', 'reverse'],
}

/** Words that mean a flow only alone; 1 and 19 are those of ESPI. */
const alone: Readonly<Record<string, Flow>> = {
  ...{ in: 'import', '1': 'import', out: 'export', '19': 'export' },
}

/** The direction of the energy by a row's own word; null where the word is not known. */
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

const fedInPhrase = /\b(?:feed in|fed in|(?:in)?to (?:the )?grid)\b/
/** The registers of OBIS that count what is fed in. */
const fedInObis = /(?:^|[^\d.])2\.8\.\d(?![\d.])/

/** The name of a column of what is fed in, and of nothing else. */
export function namesFedIn(name: string): boolean {
  const plain = plainName(name)
  const parts = plain.split(' ')
  const isMeant = parts.some((part) => fedIn.includes(part)) || fedInPhrase.test(plain)
  return (isMeant && !has(parts, 'import')) || fedInObis.test(name)
}

/** The name of a column of what is produced, which may be all of it or what of it is fed in. */
export function namesProduced(name: string): boolean {
  const parts = plainName(name).split(' ')
  return parts.some((part) => produced.includes(part)) && !namesFedIn(name)
}

function has(parts: readonly string[], flow: Flow): boolean {
  return parts.some((part) => words[flow].includes(part))
}
