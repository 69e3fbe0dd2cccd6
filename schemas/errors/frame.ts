import { InvalidArgumentError } from './wattproofError.ts'

/** Bytes that are not a frame of readings, or more readings than fit into one. */
abstract class FrameError extends InvalidArgumentError {
  override readonly kind = 'unreadable'
}

export class FrameRowsError extends FrameError {
  constructor(given: { readonly rows: number; readonly rowsMax: number }) {
    super(
      `A frame has at most ${given.rowsMax} readings, not ${given.rows}; send several frames.`,
      given,
    )
  }
}

export class FrameHeaderError extends FrameError {
  constructor() {
    super('The frame has no column, so no reading; see frame.proto for what it needs.')
  }
}

/** `field` 0: a tag or a length. */
export class FrameCutError extends FrameError {
  constructor(given: { readonly field: number }) {
    const where = given.field === 0 ? 'a tag or a length' : `field ${given.field}`
    super(`The frame ends within ${where}; send it whole.`, given)
  }
}

export class FrameFieldError extends FrameError {
  constructor(given: { readonly field: number }) {
    super(
      given.field === 0
        ? 'These bytes are not a protobuf message.'
        : `Field ${given.field} is not a field of a frame, or has another wire type.`,
      given,
    )
  }
}

export class FrameColumnError extends FrameError {
  constructor(given: { readonly column: string; readonly field: number }) {
    super(`Column ${given.column} (field ${given.field}) does not hold whole values.`, given)
  }
}

export class FrameLengthError extends FrameError {
  constructor(given: { readonly column: string; readonly length: number; readonly rows: number }) {
    super(
      `Column ${given.column} has ${given.length} values and the frame ${given.rows} rows; ` +
        'send one a row, or one for all.',
      given,
    )
  }
}

export class FrameNumberError extends FrameError {
  constructor(given: { readonly column: string; readonly row: number }) {
    super(`Row ${given.row} has no ${given.column}, or not one that can be kept exactly.`, given)
  }
}

export class FrameMeterError extends FrameError {
  constructor(given: { readonly row: number }) {
    super(`Row ${given.row} refers to a meter that the frame does not list.`, given)
  }
}

export class FrameRosterError extends FrameError {
  constructor(given: { readonly meters: number }) {
    super(`A frame lists at most ${given.meters} meters; send several frames.`, given)
  }
}

/** The sender registers it, and sends the same frame again. */
export class UnknownRosterError extends InvalidArgumentError {
  override readonly kind = 'unknown-roster'
  readonly roster: string

  constructor(given: { readonly roster: string }) {
    super(
      `No roster ${given.roster} is registered here; send its meters to POST /api/v1/rosters, ` +
        'and then this again.',
      given,
    )
    this.roster = given.roster
  }
}
