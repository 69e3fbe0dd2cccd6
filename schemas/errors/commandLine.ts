import { hideUrl } from './hideUrl.ts'
import { type ErrorKind, errorKinds } from './kinds.ts'
import { problemType } from './problem.ts'
import {
  InvalidArgumentError,
  RetryableError,
  sentenceOf,
  WattproofError,
} from './wattproofError.ts'

/** A usage error: exit code 2. */
export abstract class WrongUseError extends InvalidArgumentError {
  override readonly kind = 'wrong-use'
}

/** A refused command line, with the original message. */
export class TypedWronglyError extends WrongUseError {
  constructor(refusal: InvalidArgumentError) {
    super(refusal.message, refusal.details, refusal)
  }
}

export class SeveralRunningError extends WrongUseError {
  constructor(typed: { readonly dirs: readonly string[] }) {
    super(`Several installations are up; choose one with --dir: ${typed.dirs.join(', ')}.`, typed)
  }
}

/** A folder that was named on the command line, where nothing was ever started. */
export class NoInstallationError extends WrongUseError {
  constructor(typed: { readonly dir: string }) {
    super(
      `There is no installation in ${typed.dir}; \`wattproof up --dir ${typed.dir}\` creates one.`,
      typed,
    )
  }
}

/** The address belongs to another folder than the one that was named. */
export class InstallationNotUpError extends WattproofError {
  readonly kind = 'conflict'

  constructor(typed: { readonly dir: string; readonly url: string; readonly other: string }) {
    const url = hideUrl(typed.url)
    super(
      `${typed.dir} is not up; ${url} is ${typed.other}. ` +
        `\`wattproof up --dir ${typed.dir}\` starts it.`,
      { ...typed, url },
    )
  }
}

export class FileUnreadableError extends WrongUseError {
  constructor(typed: { readonly file: string; readonly as: 'JSON' | 'CSV' }, cause: unknown) {
    super(`${typed.file} cannot be read as ${typed.as}: ${sentenceOf(cause)}`, typed, cause)
  }
}

export class NoLeavesInFileError extends WrongUseError {
  constructor(typed: { readonly file: string }) {
    super(`${typed.file} must be a JSON array of leaves, each an array of ABI words.`, typed)
  }
}

export class AbiWordError extends WrongUseError {
  constructor(typed: { readonly word: unknown }) {
    const word = JSON.stringify(typed.word)
    super(`${word} is not an ABI word; give a whole number, an address or bytes32.`, typed)
  }
}

export class IntervalError extends WrongUseError {
  constructor(typed: { readonly text: string }, cause: unknown) {
    const example = '2021-02-10T16:00Z/PT4H'
    const reason = sentenceOf(cause)
    super(`"${typed.text}" is not a start and duration such as ${example}: ${reason}`, typed, cause)
  }
}

export class EventHoursError extends WrongUseError {
  constructor(typed: { readonly text: string }) {
    super(
      `--event-hours takes hours of the local day such as 16-20 or 16:30-18, not "${typed.text}".`,
      typed,
    )
  }
}

/** A temperature that is left out in silence would be a degree day that counts. */
export class TemperatureFileError extends WrongUseError {
  constructor(read: { readonly file: string; readonly line: number; readonly detail: string }) {
    super(`${read.file}, line ${read.line}: ${read.detail}`, read)
  }
}

export class TemperatureSeriesError extends WrongUseError {
  constructor(read: { readonly file: string; readonly series: readonly string[] }) {
    super(
      `${read.file} has ${read.series.length} columns of values (${read.series.join(', ')}); ` +
        'leave one of temperatures in it.',
      read,
    )
  }
}

export class TemperatureUnusedError extends WrongUseError {
  constructor(typed: { readonly method: string; readonly temperatures: number }) {
    super(
      `The ${typed.temperatures} temperatures can be read, but ${typed.method} does not use any; ` +
        'leave out --temperature.',
      typed,
    )
  }
}

/** A file of dates, such as holidays, with a cell that is none. */
export class DatesFileError extends InvalidArgumentError {
  constructor(
    read: { readonly file: string; readonly line: number; readonly value: string },
    cause?: unknown,
  ) {
    const { file, line, value } = read
    const fault = value === '' ? 'has no date' : `is not a date: ${value.slice(0, 200)}`
    super(`${file}, line ${line} ${fault}. Write each like 2021-02-10.`, read, cause)
  }
}

/** Two columns with other dates: the days between them would count. */
export class DatesRangeError extends InvalidArgumentError {
  constructor(given: { readonly file: string; readonly line: number; readonly columns: string }) {
    const { file, line, columns } = given
    super(
      `${file}, line ${line} has other dates in ${columns}: write each day that is meant in a ` +
        'row of its own, in one column.',
      given,
    )
  }
}

/** `--source` is a name, as a meter's id is one. */
export class SourceNameError extends InvalidArgumentError {
  constructor(given: { readonly source: string }) {
    super(
      `--source takes 1 to 64 characters (A-Z, a-z, 0-9, _ . : and -), not "${given.source}".`,
      given,
    )
  }
}

/** A flag that has no effect as it was typed. */
export class PointlessFlagError extends WrongUseError {
  constructor(typed: { readonly flag: string; readonly without?: string; readonly with?: string }) {
    const { flag, without, with: other } = typed
    super(
      without === undefined
        ? `${flag} has no effect with ${other}; leave one out.`
        : `${flag} has no effect without ${without}; give both or neither.`,
      typed,
    )
  }
}

/** Flags whose values do not fit; each issue begins with its flag. */
export class FlagValueError extends WrongUseError {
  constructor(typed: { readonly issues: readonly string[] }) {
    super(`${typed.issues.join('; ')}.`, typed)
  }
}

export class NothingSaidError extends WrongUseError {
  constructor(typed: { readonly command: string }) {
    super(
      `${typed.command} needs names and what to set of them; ` +
        `\`wattproof ${typed.command} --help\`.`,
      typed,
    )
  }
}

export class PathPartError extends WrongUseError {
  constructor(typed: { readonly id: string }) {
    super(`"${typed.id}" is not a known id.`, typed)
  }
}

export class WholeNumberFromError extends WrongUseError {
  constructor(typed: { readonly option: string; readonly min: number }) {
    super(`${typed.option} takes a whole number from ${typed.min}.`, typed)
  }
}

export class NoSuchLayerError extends WrongUseError {
  constructor(typed: { readonly layer: string }) {
    super(`There is no layer ${typed.layer}.`, typed)
  }
}

/** The commands ask the API of an installation that runs. */
export class NobodyAnswersError extends RetryableError {
  constructor(asked: { readonly url: string; readonly reason: string }, cause: unknown) {
    const url = hideUrl(asked.url)
    super(
      `Nobody answers at ${url}. Is \`wattproof up\` running? (${asked.reason})`,
      { ...asked, url },
      cause,
    )
  }
}

type Refusal = {
  readonly status: number
  /** The problem's `detail`, or a text made from the answer. */
  readonly sentence: string
  /** What to do on the command line, where the API cannot know it. */
  readonly advice?: string
  /** The problem document, as the API sent it. */
  readonly answer: object
}

/** A command that the API refused, with the API's own sentence and kind. */
export class RefusedByApiError extends InvalidArgumentError {
  override readonly kind: ErrorKind

  constructor(refusal: Refusal) {
    super(withAdvice(refusal), refusal)
    this.kind = kindOfAnswer(refusal)
  }
}

/** As `RefusedByApiError`, where the same request may succeed later. */
export class ApiBusyError extends RetryableError {
  override readonly kind: ErrorKind

  constructor(refusal: Refusal) {
    super(withAdvice(refusal), refusal)
    this.kind = kindOfAnswer(refusal)
  }
}

/** The kind that the API names; of an answer by something else, such as a proxy, by its status. */
function kindOfAnswer({ status, answer }: Refusal): ErrorKind {
  const { type } = answer as { readonly type?: unknown }
  const kinds = Object.keys(errorKinds) as ErrorKind[]
  const named = kinds.find((kind) => problemType(kind) === type)
  if (named !== undefined) return named
  if (status >= 500) return 'not-now'
  return kinds.find((kind) => errorKinds[kind].status === status) ?? 'conflict'
}

function withAdvice({ sentence, advice }: Refusal): string {
  return advice === undefined ? sentence : `${sentence} ${advice}`
}

export class DeadLetterGoneError extends WattproofError {
  readonly kind = 'not-found'

  constructor(asked: { readonly offset: string }) {
    super(
      `${asked.offset} is not the offset of an open dead letter: it was resolved, or never ` +
        'existed. `wattproof dlq list` shows those that are open.',
      asked,
    )
  }
}

export class DemoStoppedError extends WattproofError {
  readonly kind = 'conflict'

  constructor(demo: { readonly dir: string }, cause: unknown) {
    super(
      `The demo was stopped before its end; \`wattproof demo --dir ${demo.dir}\` carries on.`,
      demo,
      cause,
    )
  }
}

export class CorrectFlagsError extends WrongUseError {
  constructor() {
    super(
      'Give one of --energy-wh NUMBER, --void and --release; --hold may be added to the first two.',
    )
  }
}

/** The archive may not have seen it yet. */
export class NothingHeldError extends InvalidArgumentError {
  override readonly kind = 'not-found'

  constructor(given: { readonly meter: string; readonly start: string }) {
    super(
      `There is no operator correction of ${given.meter} at ${given.start} to withdraw. ` +
        'A value sent a moment ago appears within seconds.',
      given,
    )
  }
}
