import { checks } from './checks.ts'
import { printRatio, ratioByRoom } from './ratio.ts'
import { readSources } from './source.ts'
import { longStyles, readStyles } from './styles.ts'

/** `npm run tidy`: what breaks the house rules, then tests against source by room. */
const sources = readSources()
const found = [
  ...Object.values(checks).flatMap((check) => check(sources)),
  ...longStyles(readStyles()),
]
process.stdout.write([...found, ...printRatio(ratioByRoom(sources)), ''].join('\n'))
process.exitCode = found.length > 0 ? 1 : 0
