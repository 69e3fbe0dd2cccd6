import type { ChildSpec } from './startChild.ts'

const titles: Readonly<Record<string, string>> = {
  clickhouse: 'ClickHouse',
  postgres: 'PostgreSQL',
  chain: 'The chain (anvil)',
  serve: 'The API',
  speed: 'The speed layer',
  batch: 'The batch layer',
  validators: 'The validator process',
}

/** A process by the name that users know, at the beginning of a sentence. */
export function titleOf(name: string): string {
  const [layer = '', number] = name.split('-')
  const title = titles[layer]
  return title && number ? `${title} (${number})` : (title ?? name)
}

/** `Starting ClickHouse, PostgreSQL, the API …` */
export function startingLine(specs: readonly Pick<ChildSpec, 'name'>[]): string {
  const names = specs.map(({ name }) => titleOf(name).replace(/^The /, toLower))
  return `Starting ${names.join(', ')} …`
}

/** Warns that other users can still reach entries of a folder, since they own them. */
export function exposedLine(dir: string, count: number): string {
  const what = count === 1 ? 'one file or folder' : `${count} files and folders`
  return `Other users can reach ${what} of ${dir}; \`wattproof doctor\` lists them.`
}

function toLower(text: string): string {
  return text.toLowerCase()
}

/** Seconds since a start, with one decimal: `1.9 s`. */
export function startSecondsWatch(): () => string {
  const begin = performance.now()
  return () => `${((performance.now() - begin) / 1000).toFixed(1)} s`
}

/**
 * The last lines of a start. On a terminal the page's address holds the token, as the page needs
 * it; where the lines may end in a file it does not.
 */
export function upLines(up: {
  readonly url: string
  readonly token: string
  readonly tokenFile: string
  readonly seconds: string
  readonly isTerminal: boolean
}): string[] {
  const page = up.isTerminal ? `${up.url}/#token=${up.token}` : up.url
  return [`Up in ${up.seconds}: ${page}`, `The token is in ${up.tokenFile}. Ctrl-C stops it.`]
}
