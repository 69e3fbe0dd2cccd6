import { checks } from './checks.ts'
import { printRatio, ratioByRoom, readSolidity } from './ratio.ts'
import { readSources } from './source.ts'
import { longStyles, readStyles } from './styles.ts'

/** `npm run tidy`: prints violations of the rules, then tests against source by folder. */
const sources = readSources()
const found = [
  ...Object.values(checks).flatMap((check) => check(sources)),
  ...longStyles(readStyles()),
]
process.stdout.write(
  [...found, ...printRatio(ratioByRoom([...sources, ...readSolidity()])), ''].join('\n'),
)
process.exitCode = found.length > 0 ? 1 : 0
