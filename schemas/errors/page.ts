import { InvalidArgumentError } from './wattproofError.ts'

/** A request of a page that the API refused, with the API's message. */
export class ProblemError extends InvalidArgumentError {
  readonly status: number

  constructor(answer: {
    readonly status: number
    readonly title?: string | undefined
    readonly detail?: string | undefined
  }) {
    const { status, title, detail } = answer
    super(detail ?? title ?? `The API answered ${status}; try again.`, answer)
    this.status = status
  }
}
