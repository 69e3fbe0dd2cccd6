import { InvalidArgumentError } from './wattproofError.ts'

/** An id of an ingest, or a name of a source. */
export class SaidByError extends InvalidArgumentError {
  constructor(given: { readonly name: string; readonly text: string }) {
    super(
      `"${given.text.slice(0, 80)}" is no ${given.name}; use 1 to 64 of A-Z a-z 0-9 _ . : and -.`,
      given,
    )
  }
}
