import { knownAsExport } from './knownNames.ts'
import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'

export type Flow = 'import' | 'export'

/** Words for what a roof produces: all of it, or what of it is fed in. */
const produced = [
  ...['production', 'generation', 'produktion', 'erzeugung', 'opwek', 'produccion', 'producao'],
  ...['produzione', 'generacion', 'geracao', 'generated', 'produced'],
]
/** Words that name nothing else than what is fed in, in the names of columns and in rows. */
const fedIn = [
  ...['export', 'exported', 'exports', 'injection', 'injected', 'returned', 'received', 'backfeed'],
  ...['surplus', 'sell', 'sold', 'einspeisung', 'eingespeist', 'ruckspeisung', 'rucklieferung'],
  ...['uberschuss', 'injectie', 'teruglevering', 'teruggeleverd', 'overschot', 'excedente'],
  ...['excedentes', 'excedentaria', 'vertido', 'vertidos', 'vertida', 'inyeccion', 'inyectada'],
  ...['exportacion', 'exportada', 'injecao', 'injetada', 'exportacao', 'immissione', 'immessa'],
  ...['immesso', 'ceduta', 'inmatning', 'utmatning', 'eksport', 'oddana', 'oddane', 'oddanie'],
  ...[
    'wprowadzona',
    'dodavka',
    'syotto',
    'ylijaama',
    'injectee',
    'revente',
    'feedin',
    'reinjected',
  ],
]
/** The same in several words. */
const fedInPhrases = /\b(?:fe?ed (?:in|into|back|to)|(?:in)?to (?:the )?grid|ins netz|al? red)\b/

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

/**
 * The name of a column of what is fed in, and of nothing else: by its words, by OBIS (2.8.0, or
 * 2.29.0 of a load profile), or as A-.
 */
export function namesFedIn(name: string): boolean {
  if (byCode.test(name)) return true
  const spaced = plainName(name.replace(/([a-z])([A-Z])/g, '$1 $2'))
  const parts = [...spaced.split(' '), ...plainName(name).split(' ')]
  const isNamed =
    parts.some((part) => fedIn.includes(part) || part.endsWith('einspeisung')) ||
    fedInPhrases.test(spaced) ||
    (knownAsExport(name) && !parts.some((part) => produced.includes(part)))
  return isNamed && !has(parts, 'import')
}

const byCode = /(?:^|[^\d.])2[._](?:8|29)[._]\d+(?!\d)|(?:^|[^a-z])[aep] ?[-−](?=\s*(?:$|[([]))/i

/** The name of a column of what is produced, which may be all of it or what of it is fed in. */
export function namesProduced(name: string): boolean {
  const parts = plainName(name).split(' ')
  return parts.some((part) => produced.includes(part)) && !namesFedIn(name)
}

function has(parts: readonly string[], flow: Flow): boolean {
  return parts.some((part) => words[flow].includes(part))
}
