import { type Expression, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/** What the runner gives every test. */
const defaultMs = 60_000
const runners: ReadonlySet<string> = new Set([
  ...['test', 'it', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach'],
])

/**
 * A test has no time limit of its own below the usual one: beside other work it would fail for
 * nothing. What has to be fast is measured by a bench.
 */
export const timeLimits: Check = (sources) => {
  return sources.filter((each) => each.isTest).flatMap(findTight)
}

function findTight(source: Source): string[] {
  const found: string[] = []
  new Visitor({
    CallExpression(call) {
      const last = call.arguments.at(-1)
      if (last?.type !== 'Literal' || typeof last.value !== 'number') return
      if (call.arguments.length < 2 || last.value > defaultMs) return
      if (runners.has(nameOf(call.callee))) {
        found.push(
          finding(source, last.start, 'leave out the time limit: it is no longer than usual'),
        )
      }
    },
  }).visit(source.program)
  return found
}

/** `test` of `test(…)`, `test.skipIf(…)(…)` and `test.each(…)(…)`. */
function nameOf(callee: Expression): string {
  if (callee.type === 'Identifier') return callee.name
  if (callee.type === 'CallExpression') return nameOf(callee.callee)
  return callee.type === 'MemberExpression' ? nameOf(callee.object) : ''
}
