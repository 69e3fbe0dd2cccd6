import { InvalidArgumentError } from './wattproofError.ts'

export class EventIdError extends InvalidArgumentError {
  override readonly kind = 'event-terms'

  constructor(given: { readonly text: string }) {
    super(`"${given.text}" is no event id: 1 to 64 of a-z 0-9 -`, given)
  }
}
