import { type MemberExpression, type Node, Visitor } from 'oxc-parser'
import { type Check, finding, type Source } from './source.ts'

/** Where a file accesses the outside: time, randomness, the environment, timers, the network. */
export type Asking = { readonly what: string; readonly offset: number }

const functions = [
  ...['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['requestAnimationFrame', 'alert'],
]
/** Made with `new`: connections and threads. */
const connections = [
  ...['WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel', 'Worker', 'SharedWorker'],
]
const members = [
  ...['process.stdout', 'process.stderr', 'process.stdin', 'process.exit', 'process.send'],
  ...['process.cwd', 'process.on', 'process.kill', 'AbortSignal.timeout', 'navigator.sendBeacon'],
  ...['Temporal.Now', 'Reflect.get'],
  ...['Date.now', 'Math.random', 'performance.now', 'process.env', 'process.argv'],
  ...['crypto.randomUUID', 'crypto.getRandomValues', 'process.hrtime'],
]
/** Node's modules for bytes, their hashes and paths. */
const pureBuiltins = ['buffer', 'crypto', 'util', 'zlib', 'assert', 'url', 'path']
/** What Node's modules export of the same. */
const imported: Readonly<Record<string, readonly string[]>> = {
  crypto: ['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'webcrypto'],
  process: ['env', 'argv', 'hrtime'],
}
const notGiven = [
  ...['Date.now', 'new Date()', 'Date()', 'format()', 'Temporal.Now'],
  ...['performance.now', 'process.hrtime', 'Math.random'],
  ...['crypto.randomUUID', 'crypto.getRandomValues'],
  ...imported.crypto!.map((name) => `crypto.${name}`),
]

/**
 * Time, elapsed time too, and randomness are passed in as a Clock or a seed. They originate in
 * deploy/, in api/, which measures how long its clients take, and in pages/, in a browser.
 */
export const clockAndChance: Check = (sources) =>
  sources
    .filter((each) => !each.isTest && !/^deploy\/|\/(api|pages)\//.test(each.path))
    .flatMap((source) =>
      asksOutside(source)
        .filter(({ what }) => notGiven.includes(what))
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
  for (const { target, names, offset } of source.imports) {
    const module = target.replace(/^node:/, '')
    const asked = imported[module] ?? []
    for (const name of names === 'all' ? [] : names) {
      if (asked.includes(name)) found.push({ what: `${module}.${name}`, offset })
    }
  }
  new Visitor({
    MemberExpression(node) {
      const what = `${nameOf(node.object)}.${memberOf(node)}`
      if (members.includes(what)) found.push({ what, offset: node.start })
    },
    // `const { env } = process`
    VariableDeclarator({ id, init, start }) {
      if (init === null) return
      // `const ask = fetch`: no check would know it.
      if (functions.includes(nameOf(init))) found.push({ what: nameOf(init), offset: start })
      if (id.type !== 'ObjectPattern') return
      for (const each of id.properties) {
        if (each.type !== 'Property' || each.key.type !== 'Identifier') continue
        const what = `${nameOf(init)}.${each.key.name}`
        if (members.includes(what)) found.push({ what, offset: start })
      }
    },
    NewExpression({ callee, arguments: given, start }) {
      const isNow = nameOf(callee) === 'Date' && given.length === 0
      if (isNow) found.push({ what: 'new Date()', offset: start })
      if (connections.includes(nameOf(callee))) found.push({ what: nameOf(callee), offset: start })
    },
    CallExpression({ callee, arguments: given, start }) {
      const name = nameOf(callee)
      // `DateTimeFormat.format()` formats the present.
      const isFormat = callee.type === 'MemberExpression' && memberOf(callee) === 'format'
      if (isFormat && given.length === 0) found.push({ what: 'format()', offset: start })
      // Without `new` it is the present, whatever it is given.
      if (name === 'Date') found.push({ what: 'Date()', offset: start })
      if (functions.includes(name)) found.push({ what: name, offset: start })
    },
    ImportExpression({ source: named, start }) {
      if (named.type !== 'Literal') found.push({ what: 'a computed import', offset: start })
    },
  }).visit(source.program)
  return found
}

/** True of `crypto`, `node:zlib`, `path/posix`. */
export function isPureBuiltin(name: string): boolean {
  return pureBuiltins.includes(name.replace(/^node:/, '').split('/')[0] ?? '')
}

/** `Date`, also of `globalThis.Date`; empty for what is no global. */
function nameOf(expression: Node): string {
  if (expression.type === 'Identifier') return expression.name
  if (expression.type !== 'MemberExpression') return ''
  return nameOf(expression.object) === 'globalThis' ? memberOf(expression) : ''
}

/** `now` of `Date.now` and of `Date['now']`. */
function memberOf({ property, computed }: MemberExpression): string {
  if (!computed) return property.type === 'Identifier' ? property.name : ''
  return property.type === 'Literal' ? String(property.value) : ''
}
