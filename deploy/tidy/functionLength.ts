import { type ArrowFunctionExpression, type Function as FunctionNode, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

const linesMax = 70

/**
 * No function, arrow, method or test body is longer than 70 lines, including its signature however
 * it wraps. A function that only collects tests, such as a `describe` callback, is measured test by
 * test.
 */
export const functionLength: Check = (sources) => sources.flatMap(longFunctions)

type AnyFunction = FunctionNode | ArrowFunctionExpression

function longFunctions(source: Source): string[] {
  const found: string[] = []
  const open: { readonly node: AnyFunction; hasTests: boolean }[] = []
  const enter = (node: AnyFunction) => {
    open.push({ node, hasTests: false })
  }
  const leave = (node: AnyFunction) => {
    const lines = source.lineAt(node.end) - source.lineAt(node.start) + 1
    if (open.pop()?.hasTests || lines <= linesMax) return
    found.push(finding(source, node.start, `function of ${lines} lines: at most ${linesMax}`))
  }
  new Visitor({
    CallExpression({ callee }) {
      const isTest = callee.type === 'Identifier' && ['describe', 'test'].includes(callee.name)
      if (isTest && source.isTest) for (const each of open) each.hasTests = true
    },
    FunctionDeclaration: enter,
    FunctionExpression: enter,
    ArrowFunctionExpression: enter,
    'FunctionDeclaration:exit': leave,
    'FunctionExpression:exit': leave,
    'ArrowFunctionExpression:exit': leave,
  }).visit(source.program)
  return found
}
