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
  constructor(given: { readonly isShort: boolean }) {
    super(
      given.isShort
        ? 'The frame is shorter than its header.'
        : 'These bytes do not start with WPF1, as a frame does.',
      given,
    )
  }
}

export class FrameLengthError extends FrameError {
  constructor(given: { readonly rows: number; readonly length: number }) {
    super(
      `A frame of ${given.rows} rows has ${given.length} bytes; this one has another length.`,
      given,
    )
  }
}

export class FrameMeterError extends FrameError {
  constructor(given: { readonly row: number } | { readonly name: number }) {
    super(
      'row' in given
        ? `Row ${given.row} refers to a meter that the frame does not list.`
        : `The frame ends within its list of meters, at name ${given.name}.`,
      given,
    )
  }
}
