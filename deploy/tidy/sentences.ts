import { type NewExpression, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/** Where every refusal has its class, and its sentence in it. */
const errorsRoom = 'schemas/errors'
const bases = new Set(['Error', 'InvalidArgumentError', 'RetryableError', 'WattproofError'])

/**
 * No sentence of a refusal outside the room of errors: neither given to a base class nor in a class
 * of one's own. `InvariantError` takes one, for us and the log; nobody else is shown it.
 */
export const sentences: Check = (sources) => {
  return sources.filter((each) => !each.isTest && each.folder !== errorsRoom).flatMap(inline)
}

function inline(source: Source): string[] {
  const found: string[] = []
  new Visitor({
    NewExpression(made: NewExpression) {
      const isBase = made.callee.type === 'Identifier' && bases.has(made.callee.name)
      if (!isBase || made.arguments.length === 0) return
      found.push(finding(source, made.start, `give this refusal a class in ${errorsRoom}`))
    },
  }).visit(source.program)
  return found
}
