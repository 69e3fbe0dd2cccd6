import { WrongUseError } from './commandLine.ts'
import { WattproofError } from './wattproofError.ts'

export class KindFlagError extends WrongUseError {
  constructor(typed: { readonly text: string; readonly kinds: readonly string[] }) {
    super(`"${typed.text}" is not a kind of meter; one of ${typed.kinds.join(', ')}.`, typed)
  }
}

export class GroupFlagError extends WrongUseError {
  constructor(typed: { readonly text: string; readonly kinds: readonly string[] }) {
    super(
      `--group "${typed.text}" does not fit: KIND=NAME, each kind once, such as feeder=F1; kinds ` +
        `are ${typed.kinds.join(', ')}.`,
      typed,
    )
  }
}

export class PointFlagError extends WrongUseError {
  constructor(typed: { readonly text: string }) {
    super(
      `--point "${typed.text}" does not fit: PROGRAMME=net, PROGRAMME=load, PROGRAMME="+M1 -M2" ` +
        'or PROGRAMME=none.',
      typed,
    )
  }
}

export class MeterColumnError extends WrongUseError {
  constructor(typed: {
    readonly file: string
    readonly column: string
    readonly columns: readonly string[]
  }) {
    const { file, column, columns } = typed
    super(`${file}: there is no column "${column}"; it takes ${columns.join(', ')}.`, typed)
  }
}

export class MeterFileEmptyError extends WrongUseError {
  constructor(typed: { readonly file: string }) {
    super(`${typed.file} needs a column meter, and a line with a name in it for each.`, typed)
  }
}

export class MeterCellError extends WrongUseError {
  constructor(typed: {
    readonly file: string
    readonly meter: string
    readonly column: string
    readonly value: string
  }) {
    const { file, meter, column, value } = typed
    super(`${file}: the ${column} of ${meter}, "${value}", is not a whole number.`, typed)
  }
}

export class MeterGoneError extends WattproofError {
  readonly kind = 'not-found'

  constructor(asked: { readonly meter: string }) {
    super(`${asked.meter} is not enrolled; \`wattproof meter list\` shows who is.`, asked)
  }
}

export class GroupGoneError extends WattproofError {
  readonly kind = 'not-found'

  constructor(asked: { readonly group: string }) {
    super(`There is no group ${asked.group}; \`wattproof group list\` shows them.`, asked)
  }
}
