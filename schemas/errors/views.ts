import { ConfigurationError } from './configuration.ts'
import { InvalidArgumentError, InvariantError, RetryableError } from './wattproofError.ts'

/** The query or row set of a request to the views store, and the store's own message. */
type Failure = {
  readonly what: string
  readonly reason: string
  readonly code?: number
  readonly type?: string | undefined
}

export class ViewsUnreachableError extends RetryableError {
  constructor(failure: Failure, cause: unknown) {
    super(`The views store cannot be reached: ${failure.reason}`, failure, cause)
  }
}

/** It listens, and has not answered the simplest question for so long. */
export class ViewsSilentError extends ViewsUnreachableError {
  constructor({ what, silentS }: { readonly what: string; readonly silentS: number }) {
    super({ what, reason: `no sign of life for ${silentS} s` }, undefined)
  }
}

export class ViewsBusyError extends RetryableError {
  constructor(failure: Failure, cause: unknown) {
    super(`The views store is busy with ${failure.what}: ${failure.reason}`, failure, cause)
  }
}

export class QueryValueError extends InvalidArgumentError {
  constructor(failure: Failure, cause?: unknown) {
    super(`A value given to ${failure.what} does not fit: ${failure.reason}`, failure, cause)
  }
}

export class AnswerTooLargeError extends InvalidArgumentError {
  override readonly kind = 'range'

  constructor(failure: Failure, cause?: unknown) {
    super(
      `The answer of ${failure.what} is larger than a read may be; ask for a shorter range. ` +
        failure.reason,
      failure,
      cause,
    )
  }
}

/** The same where the caller named no range: a query of ours has outgrown what a read may be. */
export class QueryTooLargeError extends InvariantError {
  constructor(cause: AnswerTooLargeError) {
    super(`A query without a range is too large: ${cause.message}`, cause.details, cause)
  }
}

export class ViewsDeniedError extends ConfigurationError {
  constructor(failure: Failure, cause?: unknown) {
    super(
      `The views store refuses ${failure.what}; check user and password of VIEWS_URL, and that ` +
        `both sides are of one version. ${failure.reason}`,
      failure,
      cause,
    )
  }
}

export class TablesMissingError extends ConfigurationError {
  constructor(failure: Failure, cause?: unknown) {
    super(`The tables are missing; run \`wattproof migrate\`. ${failure.reason}`, failure, cause)
  }
}

export class ParametersMissingError extends InvalidArgumentError {
  constructor(asked: { readonly query: string; readonly missing: readonly string[] }) {
    super(`Query ${asked.query} also needs ${asked.missing.join(', ')}.`, asked)
  }
}

export class ParametersUnknownError extends InvalidArgumentError {
  constructor(asked: { readonly query: string; readonly unknown: readonly string[] }) {
    super(`Query ${asked.query} has no parameter ${asked.unknown.join(', ')}.`, asked)
  }
}

/** A value that its column cannot store unchanged. */
export class CellError extends InvalidArgumentError {
  constructor(cell: { readonly value: unknown; readonly wanted: string }) {
    const { value, wanted } = cell
    super(value === null ? 'there is no value' : `${value} is no ${wanted}`, cell)
  }
}

export class RowError extends InvalidArgumentError {
  constructor(
    row: {
      readonly at: number
      readonly column: string
      readonly type: string
      readonly reason: string
    },
    cause: unknown,
  ) {
    super(`Row ${row.at}, ${row.column}: ${row.reason}; it takes ${row.type}.`, row, cause)
  }
}

export class UnknownCellError extends InvalidArgumentError {
  constructor(row: { readonly at: number; readonly name: string }) {
    super(`Row ${row.at} has ${row.name}, which is not a column.`, row)
  }
}

export class ColumnMissingError extends InvalidArgumentError {
  constructor(column: { readonly name: string }) {
    super(`The columns lack ${column.name}, which is never null.`, column)
  }
}

export class ColumnLengthError extends InvalidArgumentError {
  constructor(column: { readonly name: string; readonly length: number; readonly rows: number }) {
    const { name, length, rows } = column
    super(`Column ${name} has ${length} values for ${rows} rows; give one a row, or one.`, column)
  }
}

/** Only a row of `generations`, or an insert of meters, may be the first of its key. */
export class OnceKeyMisplacedError extends InvalidArgumentError {
  constructor(given: { readonly rowSet: string; readonly rows: number }) {
    const { rowSet, rows } = given
    super(
      `A key that counts once belongs to one row of generations or one insert of meters, not to ` +
        `${rows} of ${rowSet}.`,
      given,
    )
  }
}

export class PartitionUnnamedError extends InvalidArgumentError {
  constructor(given: { readonly column: string; readonly value: string }) {
    super(`${given.value} names no ${given.column} of a partition.`, given)
  }
}

/**
 * A record of our own store or log that we cannot read back: damaged, or of another version. Its
 * issues are those of the members; null where it is not even JSON.
 */
export class StoredRecordError extends InvariantError {
  constructor(
    stored: { readonly record: string; readonly issues: string | null },
    cause?: unknown,
  ) {
    const issues = stored.issues ?? 'it is not JSON'
    super(`The stored ${stored.record} cannot be read: ${issues}.`, stored, cause)
  }
}
