export type SoakTest = {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
}

export type LineOfParameters = {
  readonly startedMs: number
  readonly endedMs: number
  readonly commit: string
  readonly seed: number
  readonly files: readonly string[]
  /** How many files a whole soak has. */
  readonly filesAll: number
  readonly machine: string
  readonly tests: readonly SoakTest[]
}

/** One soak as a row of the table in docs/soak.md. A sample of it says so, by the files it ran. */
export function lineOf(soak: LineOfParameters): string {
  const failed = soak.tests.filter(({ state }) => state === 'failed').map(({ name }) => name)
  const isWhole = soak.files.length >= soak.filesAll
  const cells = [
    `${new Date(soak.startedMs).toISOString().slice(0, 16)}Z`,
    soak.commit,
    isWhole
      ? `all ${soak.filesAll} files`
      : `sample, ${soak.files.length} of ${soak.filesAll} files: ${soak.files.join(', ')}`,
    `${soak.seed}`,
    ((soak.endedMs - soak.startedMs) / 60_000).toFixed(1),
    soak.machine,
    [sumOf(soak.tests), ...failed].join('; '),
  ]
  return `| ${cells.map((each) => each.replace(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`
}

/** A test that was not reached, such as after an interruption, was not run: it is skipped. */
export function sumOf(tests: readonly SoakTest[]): string {
  const count = (...states: SoakTest['state'][]) =>
    tests.filter(({ state }) => states.includes(state)).length
  const skipped = count('skipped', 'pending')
  return `${count('passed')} passed, ${count('failed')} failed, ${skipped} skipped`
}
