import { type CatchClause, type Expression, type NewExpression, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/**
 * A refusal thrown in place of a caught error keeps that as its cause: whoever is on call finds the
 * engine's own error below our sentence. `catch` without a name says that it is dropped on purpose.
 */
export const causes: Check = (sources) => {
  return sources.filter((each) => !each.isTest).flatMap(findLost)
}

function findLost(source: Source): string[] {
  const ours = new Set(
    source.imports
      .filter(({ target }) => target.startsWith('schemas/errors/'))
      .flatMap(({ names }) => (names === 'all' ? [] : names)),
  )
  const found: string[] = []
  const around: CatchClause[] = []
  new Visitor({
    CatchClause: (clause) => void around.push(clause),
    'CatchClause:exit': () => void around.pop(),
    ThrowStatement({ argument }) {
      const param = around.at(-1)?.param
      if (param?.type !== 'Identifier') return
      for (const made of madeIn(argument)) {
        if (made.callee.type !== 'Identifier' || !ours.has(made.callee.name)) continue
        if (!made.arguments.some((each) => isNamed(each, param.name))) {
          found.push(finding(source, made.start, `pass ${param.name} on as the cause`))
        }
      }
    },
  }).visit(source.program)
  return found
}

/** The errors that an expression may make. */
function madeIn(thrown: Expression): NewExpression[] {
  if (thrown.type === 'NewExpression') return [thrown]
  if (thrown.type !== 'ConditionalExpression') return []
  return [...madeIn(thrown.consequent), ...madeIn(thrown.alternate)]
}

function isNamed(expression: NewExpression['arguments'][number], name: string): boolean {
  return expression.type === 'Identifier' && expression.name === name
}
