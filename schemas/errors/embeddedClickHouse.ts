import { InvalidArgumentError } from './wattproofError.ts'

/** What the embedded ClickHouse refuses: in ClickHouse's own codes, as its clients expect. */
export abstract class ClickHouseFailure extends InvalidArgumentError {
  /** ClickHouse's number and name of the failure. */
  abstract readonly code: number
  abstract readonly type: string
}

export class StatementDeniedError extends ClickHouseFailure {
  readonly code = 497
  readonly type = 'ACCESS_DENIED'

  constructor() {
    super('Only the named queries, row sets and migrations of wattproof may be run here.')
  }
}

export class LoginRefusedError extends ClickHouseFailure {
  readonly code = 516
  readonly type = 'AUTHENTICATION_FAILED'

  constructor() {
    super('User or password is wrong.')
  }
}

export class ForeignRequestError extends ClickHouseFailure {
  readonly code = 497
  readonly type = 'ACCESS_DENIED'

  constructor() {
    super('Only programs of this machine are answered: no web page, no other host name.')
  }
}

export class ParameterNameError extends ClickHouseFailure {
  readonly code = 457
  readonly type = 'BAD_QUERY_PARAMETER'

  constructor() {
    super('The name of a parameter has 1 to 64 letters, digits and _.')
  }
}

export class ParameterNotSetError extends ClickHouseFailure {
  readonly code = 456
  readonly type = 'UNKNOWN_QUERY_PARAMETER'

  constructor(query: { readonly name: string }) {
    super(`Substitution \`${query.name}\` is not set.`, query)
  }
}

export class SettingDeniedError extends ClickHouseFailure {
  readonly code = 115
  readonly type = 'UNKNOWN_SETTING'

  constructor(asked: { readonly name: string }) {
    const name = asked.name.slice(0, 64)
    super(`The setting ${JSON.stringify(name)} is not allowed here.`, { name })
  }
}

export class TooManyQueriesError extends ClickHouseFailure {
  readonly code = 202
  readonly type = 'TOO_MANY_SIMULTANEOUS_QUERIES'

  constructor(limit: { readonly waitingMax: number }) {
    super(`${limit.waitingMax} requests are waiting; send it again later.`, limit)
  }
}

export class StatementTooLongError extends ClickHouseFailure {
  readonly code = 307
  readonly type = 'TOO_MANY_BYTES'

  constructor(limit: { readonly bytesMax: number }) {
    super(`A body has at most ${limit.bytesMax} bytes.`, limit)
  }
}

export class FormUnreadableError extends ClickHouseFailure {
  readonly code = 62
  readonly type = 'SYNTAX_ERROR'

  constructor(cause: unknown) {
    super('The form cannot be read.', {}, cause)
  }
}

export class DataMisplacedError extends ClickHouseFailure {
  readonly code = 62
  readonly type = 'SYNTAX_ERROR'

  constructor() {
    super('An INSERT is sent with data, a SELECT without.')
  }
}

export class OtherDatabaseError extends ClickHouseFailure {
  readonly code = 81
  readonly type = 'UNKNOWN_DATABASE'

  constructor(asked: { readonly database: string; readonly only: string }) {
    super(`The only database is ${asked.only}.`, asked)
  }
}
