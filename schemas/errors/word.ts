import { InvalidArgumentError } from './wattproofError.ts'

/** An id of an ingest, or a name of a source. */
export class SaidByError extends InvalidArgumentError {
  constructor(given: { readonly name: string; readonly text: string }) {
    super(
      `"${given.text.slice(0, 80)}" is not a valid ${given.name}; ` +
        'use 1 to 64 of A-Z a-z 0-9 _ . : and -.',
      given,
    )
  }
}

type Restated = {
  readonly meter: string
  readonly closed: number
  readonly restated: number
  readonly countedMwh: number
  readonly newMwh: number
}

/** Readings that change more than a correction does: a wrong column, unit or zone does so too. */
export class RestatesTooMuchError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(compared: {
    readonly closed: number
    readonly restated: number
    /** The first of them. */
    readonly meters: readonly Restated[]
    /** How it is said that this is meant: `--restate`, or `restate=allow`. */
    readonly flag: string
  }) {
    const { closed, restated, flag } = compared
    super(
      `It would change ${restated} of the ${closed} closed intervals that it covers, so nothing ` +
        `was stored. If that is meant, send it again with ${flag}.`,
      compared,
    )
  }
}

export class RestateParameterError extends InvalidArgumentError {
  constructor(given: { readonly text: string }) {
    super(`restate takes allow or refuse, not "${given.text.slice(0, 80)}".`, given)
  }
}

/** Readings of an ingest that was taken back would be stored and never count. */
export class WithdrawnIngestError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(given: { readonly ingest: string }) {
    super(
      `The ingest ${given.ingest} was withdrawn, so no reading of it counts, and none was ` +
        'stored. Send these under another id, or without `ingest`.',
      given,
    )
  }
}

/** Between two sources of one rank only their names would decide. */
export class RankTakenError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(given: {
    readonly source: string
    readonly rank: number
    readonly other: string
    /** The first interval for which both have it, ISO 8601. */
    readonly from: string
  }) {
    super(
      `From ${given.from} the source ${given.other} has the rank ${given.rank}, so ` +
        `${given.source} must have another: the larger one counts.`,
      given,
    )
  }
}
