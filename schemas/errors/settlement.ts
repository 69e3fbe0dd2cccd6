import { InvalidArgumentError } from './wattproofError.ts'

type EventState = { readonly event: string; readonly state: string }

/** Asked for before the event is settled: the same request may succeed later. */
export class NotSettledYetError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(now: EventState) {
    super(
      `${now.event} is ${now.state}; it is settled once it has ended and late readings had ` +
        'their time.',
      now,
    )
  }
}

export class NotFinalYetError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(now: EventState) {
    super(`${now.event} is ${now.state}; it is paid once its settlement is final.`, now)
  }
}
