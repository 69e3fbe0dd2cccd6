import { Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/** Where a file accesses the outside: time, randomness, the environment, timers, the network. */
export type Asking = { readonly what: string; readonly offset: number }

const functions = ['fetch', 'setTimeout', 'setInterval', 'setImmediate']
const members = ['Date.now', 'Math.random', 'performance.now', 'process.env', 'process.argv']

/**
 * Time and randomness are passed in as a Clock or a seed; they originate in deploy/, api/ and
 * pages/.
 */
export const clockAndChance: Check = (sources) =>
  sources
    .filter((each) => !each.isTest && !/^deploy\/|\/(api|pages)\//.test(each.path))
    .flatMap((source) =>
      asksOutside(source)
        .filter(({ what }) => ['Date.now', 'new Date()', 'Math.random'].includes(what))
        .map(({ what, offset }) => finding(source, offset, `${what}: take a Clock or a seed`)),
    )

/** One file reads the environment; the scripts beside the contracts only pass it to forge. */
export const environment: Check = (sources) =>
  sources
    .filter(
      (each) =>
        !each.isTest && !/^deploy\/installation\/config\.ts$|^contracts\/script\//.test(each.path),
    )
    .flatMap((source) =>
      asksOutside(source)
        .filter(({ what }) => what === 'process.env')
        .map(({ offset }) =>
          finding(source, offset, 'read the environment in deploy/installation/config.ts'),
        ),
    )

export function asksOutside(source: Source): Asking[] {
  const found: Asking[] = []
  new Visitor({
    MemberExpression(node) {
      if (node.object.type !== 'Identifier' || node.property.type !== 'Identifier') return
      const what = `${node.object.name}.${node.property.name}`
      if (members.includes(what)) found.push({ what, offset: node.start })
    },
    NewExpression({ callee, arguments: given, start }) {
      const isNow = callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0
      if (isNow) found.push({ what: 'new Date()', offset: start })
    },
    CallExpression({ callee, start }) {
      if (callee.type !== 'Identifier' || !functions.includes(callee.name)) return
      found.push({ what: callee.name, offset: start })
    },
  }).visit(source.program)
  return found
}
