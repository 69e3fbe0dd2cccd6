import type { Profile } from './profileShape.ts'
import { plainName, withoutUnit } from './readUnit.ts'

export type Flow = 'import' | 'export'

/** Words for what a roof produces: all of it, or what of it is fed in. */
const produced = [
  ...['production', 'generation', 'produktion', 'erzeugung', 'opwek', 'produccion', 'producao'],
  ...['produzione', 'generacion', 'geracao', 'generated', 'produced'],
]
/** Words that name nothing else than what is fed in, in the names of columns and in rows. */
const fedIn = [
  ...['export', 'exported', 'exports', 'injection', 'injected', 'backfeed', 'einspeisung'],
  ...['eingespeist', 'ruckspeisung', 'rucklieferung'],
  ...['uberschuss', 'injectie', 'teruglevering', 'teruggeleverd', 'overschot', 'excedente'],
  ...['excedentes', 'excedentaria', 'vertido', 'vertidos', 'vertida', 'inyeccion', 'inyectada'],
  ...['exportacion', 'exportada', 'injecao', 'injetada', 'exportacao', 'immissione', 'immessa'],
  ...['immesso', 'ceduta', 'inmatning', 'eksport', 'oddana', 'oddane', 'oddanie'],
  ...['wprowadzona', 'syotto', 'ylijaama', 'injectee', 'revente', 'feedin', 'reinjected'],
]
/** Words that name it only beside a series of what was taken: a shop has what was sold, too. */
const fedInBeside = ['received', 'returned', 'surplus', 'sell', 'sold', 'dodavka']
const toGrid = /\b(?:in)?to (?:the )?grid\b|\bins netz\b|\ba la red\b/
const feedIn = /\bfe?ed (?:in|into|back)\b/
/** What goes this way is taken, whatever the words beside it. */
const taken = new RegExp(
  '\\bfrom (?:the )?grid\\b|' +
    '\\bto (?:the )?(?:(?:customer|consumer|load|building|site)s?|ho(?:me|use)(?:s|holds?)?)\\b',
)

/** Words of exports for what the grid delivers, and for what is fed in; plain, as whole words. */
const words: Readonly<Record<Flow, readonly string[]>> = {
  import: [
    ...['import', 'imported', 'delivered', 'forward', 'consumption', 'consumed', 'withdrawal'],
    ...['bezug', 'netzbezug', 'verbrauch', 'afname', 'verbruik', 'soutirage', 'consommation'],
    ...['consumo', 'prelievo', 'uttag', 'forbrug', 'forbruk', 'importacion', 'net', 'total'],
  ],
  export: [...fedIn, ...fedInBeside, ...produced, 'reverse'],
}
/** Words of import that a name of what is fed in may have, such as `delivered to grid`. */
const ofEither = ['delivered', 'forward', 'total']
/** Words beside which `fedInBeside` are the other direction; `net` and `total` may be of both. */
const besideFedIn = [
  ...words.import.filter((word) => word !== 'net' && word !== 'total'),
  ...['taken', 'load', 'last', 'use', 'used', 'usage', 'bought', 'buy', 'purchased', 'purchase'],
  ...['supplied', 'withdrawn', 'odber'],
]

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
 *
 * @param others names of the columns of the file, which decide where a word is of several things.
 */
export function namesFedIn(name: string, others: readonly string[] = []): boolean {
  if (byCode.test(name.trim()) || isMinusOf(name, others)) return true
  const { spaced, parts } = partsOf(name)
  if (taken.test(spaced)) return false
  if (toGrid.test(spaced)) {
    return !parts.some((part) => words.import.includes(part) && !ofEither.includes(part))
  }
  if (has(parts, 'import')) return false
  const isNamed = parts.some((part) => fedIn.includes(part) || part.endsWith('einspeisung'))
  if (isNamed || feedIn.test(spaced)) return true
  return parts.some((part) => fedInBeside.includes(part)) && others.some(namesTaken)
}

/** `1-1:2.8.0` and `2.8.0`, but no `Flat_2_8_1`. */
const byCode = /^(?:(?:.*[^\da-z])?\d{1,3}-\d{1,3}:)?2\.(?:8|29)\.\d{1,3}(?![\d.])/i
const minus = /[-−](?=\s*(?:$|[([]))/

/** `A-` alone, or any name ending so beside the same with a plus: `Zone A-` may be a zone. */
function isMinusOf(name: string, others: readonly string[]): boolean {
  const bare = (text: string) => withoutUnit(text).replaceAll(/\s/g, '').toLowerCase()
  if (!minus.test(name)) return false
  if (/^[aep][-−]$/.test(bare(name))) return true
  const plus = bare(name.replace(minus, '+'))
  return others.some((other) => bare(other) === plus)
}

/** The name of a series of what was taken. */
function namesTaken(name: string): boolean {
  const { spaced, parts } = partsOf(name)
  if (toGrid.test(spaced)) return false
  return /\bfrom (?:the )?grid\b/.test(spaced) || parts.some((part) => besideFedIn.includes(part))
}

function partsOf(name: string): { readonly spaced: string; readonly parts: readonly string[] } {
  const spaced = plainName(name.replace(/([a-z])([A-Z])/g, '$1 $2'))
  return { spaced, parts: [...spaced.split(' '), ...plainName(name).split(' ')] }
}

/** The name of a column of what is produced, which may be all of it or what of it is fed in. */
export function namesProduced(name: string): boolean {
  return partsOf(name).parts.some((part) => produced.includes(part)) && !namesFedIn(name)
}

/** A name that may be of what is fed in, and that nothing beside it decides. */
export function mayNameFedIn(name: string): boolean {
  const { parts } = partsOf(name)
  const isOpen = parts.some((part) => fedInBeside.includes(part)) && !has(parts, 'import')
  return (isOpen && !taken.test(partsOf(name).spaced)) || namesProduced(name)
}

function has(parts: readonly string[], flow: Flow): boolean {
  return parts.some((part) => words[flow].includes(part))
}
