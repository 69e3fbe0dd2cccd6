import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { TypedWronglyError, WholeNumberFromError } from '../../schemas/errors/commandLine.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { toJson } from '../../schemas/units.ts'

export type OutputOptions = { readonly json?: boolean }

/** Every command takes `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on standard output')
}

let isAnswered = false

/** Whether standard output already has the command's document. */
export function hasAnswered(): boolean {
  return isAnswered
}

/** The answer of a command: a JSON document, or the same as text. */
export function answer(options: OutputOptions, document: unknown, text: () => string): void {
  isAnswered = true
  process.stdout.write(options.json ? `${toJson(document, 2)}\n` : `${text()}\n`)
}

/** Progress and warnings; never mixed with the answer. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** What `read` refuses is wrong use of the command line: same message, exit code 2. */
export function asWrongUse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new TypedWronglyError(error) : error
  }
}

/** Reads an option as a whole number. @param option its name, such as `--index`. */
export function wholeNumber(option: string, min = 0): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text) && Number(text) >= min) return Number(text)
    throw new WholeNumberFromError({ option, min })
  }
}

export type Progress = { update(done: number, note?: string): void; stop(): void }

/**
 * A progress bar on a terminal, otherwise a line every 10 %.
 *
 * @param total in `unit`; null if it is not known: then a line each time the amount has doubled.
 */
export function startProgress(title: string, total: number | null, unit: string): Progress {
  if (total === null) return countUp(title, unit)
  if (process.stderr.isTTY) {
    const format = `${title} {bar} {percentage}% {value}/{total} ${unit} {note}`
    const bar = new cliProgress.SingleBar({ format, stream: process.stderr, hideCursor: true })
    bar.start(total, 0, { note: '' })
    return {
      update: (done, note = '') => bar.update(Math.min(done, total), { note }),
      stop: () => bar.stop(),
    }
  }
  let tenths = 0
  return {
    update: (done, note = '') => {
      // A file may grow while it is read.
      const some = Math.min(done, total)
      const now = total > 0 ? Math.floor((10 * some) / total) : 10
      if (now === tenths) return
      tenths = now
      say(`${title}: ${now * 10} % (${some} of ${total} ${unit}) ${note}`.trimEnd())
    },
    stop: () => {},
  }
}

function countUp(title: string, unit: string): Progress {
  let next = 1
  return {
    update: (done, note = '') => {
      if (done < next) return
      next = 2 * done
      say(`${title}: ${done} ${unit} ${note}`.trimEnd())
    },
    stop: () => {},
  }
}

/** A document as a table of its members; energies in kWh, lists of objects by their number. */
export function outline(document: object): string {
  return table(['what', 'value'], rowsOf('', document))
}

function rowsOf(path: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value ?? '')]]
  const entries = Object.entries(value)
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    return [[path, value.join(', ')]]
  }
  return entries.flatMap(([key, member]) => {
    const name = path === '' ? key : `${path}.${key}`
    if (!name.endsWith('Mwh') || typeof member !== 'number') return rowsOf(name, member)
    return [[`${name.slice(0, -3)} kWh`, (member / 1e6).toFixed(3)]] satisfies [string, string][]
  })
}

/** A text table with padded columns; numbers, also as text, are right-aligned. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => String(cell ?? '')))]
  const widths = header.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  const isNumber = header.map((_, at) => {
    return rows.every((row) => typeof row[at] !== 'string' || /^(-?\d+\.\d+)?$/.test(row[at]))
  })
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
  return cells.map((row) => line(row).join('  ').trimEnd()).join('\n')
}
