import { JsonArrayError } from '../../../schemas/errors/input.ts'
import { JsonListUnclearError, JsonShapeError } from '../../../schemas/errors/jsonTable.ts'
import { tableLimits } from '../limits.ts'
import { endOfElement, skipBlank, trimEnd } from './jsonBytes.ts'
import { shown } from './sentenceTexts.ts'

export type JsonElement = { readonly line: number; readonly original: Uint8Array }

const opening = 0x5b
const closing = 0x5d
const comma = 0x2c

/**
 * The elements of an array as their bytes, numbered from 1: one that is broken costs no other.
 *
 * @throws JsonArrayError where the array does not end, or something follows it.
 */
export function* elementsOfArray(bytes: Uint8Array, from: number): Generator<JsonElement, void> {
  const first = skipBlank(bytes, from)
  if (bytes[first] !== opening) throw new JsonArrayError({ fault: 'no-array' })
  let at = skipBlank(bytes, first + 1)
  if (bytes[at] === closing) return checkEnd(bytes, at)
  for (let line = 1; ; line++) {
    const end = endOfElement(bytes, at)
    yield { line, original: trimEnd(bytes.subarray(at, end)) }
    if (bytes[end] !== comma) return checkEnd(bytes, end)
    at = skipBlank(bytes, end + 1)
  }
}

function checkEnd(bytes: Uint8Array, closed: number): void {
  if (skipBlank(bytes, closed + 1) === bytes.length) return
  throw new JsonArrayError({ fault: 'more-after-end' })
}

/** A list within an object, and what stands beside it. */
export type JsonList = {
  readonly path: string
  /** Each as JSON again. */
  readonly elements: readonly string[]
  readonly beside: readonly (readonly [string, string])[]
}

/**
 * The list of rows within an object, as APIs wrap it.
 *
 * @throws JsonShapeError without one, JsonListUnclearError with more than one.
 */
export function findList(text: string): JsonList {
  const lists: JsonList[] = []
  const beside: [string, string][] = []
  const root = parse(text)
  search(root, '')
  if (lists.length > 1) {
    const found = lists.map(({ path, elements }) => ({ path, rows: elements.length }))
    throw new JsonListUnclearError({ lists: found })
  }
  const [list] = lists
  if (list) return list
  const found = shown(Object.keys(root as object).join(', '))
  throw new JsonShapeError({ fault: 'no-list', found })

  function search(value: unknown, path: string): void {
    if (Array.isArray(value)) {
      const isRows = value.length > 0 && value.every((each) => typeof each === 'object')
      if (!isRows) return
      if (value.some(hasValue)) lists.push({ path, elements: value.map(jsonOf), beside })
      else for (const [at, each] of value.entries()) search(each, `${path}.${at}`)
      return
    }
    if (typeof value !== 'object' || value === null) {
      if (beside.length < tableLimits.preambleRowsMax) beside.push([path, String(value ?? '')])
      return
    }
    if (path.split('.').length > tableLimits.jsonListDepthMax) return
    for (const [name, member] of Object.entries(value)) {
      search(member, path === '' ? name : `${path}.${name}`)
    }
  }
}

/** An object whose members are all objects again only wraps the list. */
function hasValue(element: unknown): boolean {
  if (element === null || Array.isArray(element)) return true
  return Object.values(element as object).some((each) => each === null || typeof each !== 'object')
}

function jsonOf(element: unknown): string {
  try {
    return JSON.stringify(element)
  } catch (error) {
    // What the parser still reads may be nested too deep to be written.
    throw new JsonShapeError({ fault: 'too-deep', found: null }, error)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const found = shown((error as Error).message)
    throw new JsonShapeError({ fault: 'no-json', found }, error)
  }
}
