import { InvalidArgumentError } from './wattproofError.ts'

/** A frame finds each of its rows by a place in the list: a meter has one. */
export class RosterTwiceError extends InvalidArgumentError {
  constructor(given: { readonly meter: string }) {
    super(`The roster lists ${given.meter} twice; list each meter once.`, given)
  }
}

/** The registry is bounded: a sender that registers its meters again and again fills it. */
export class RostersFullError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(given: { readonly rostersMax: number; readonly metersMax: number }) {
    super(
      `No more than ${given.rostersMax} rosters with ${given.metersMax} meters in all are kept; ` +
        'send frames that list their meters.',
      given,
    )
  }
}

/** Two lists with the same 64 bits of their hash: of lists that nobody has made for it, never. */
export class RosterTakenError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(given: { readonly roster: string }) {
    super(`Roster ${given.roster} has other meters; list yours in another order.`, given)
  }
}
