import { InvalidArgumentError } from './wattproofError.ts'

type EventState = { readonly event: string; readonly state: string }

/** Requested before the event is settled: the same request may succeed later. */
export class NotSettledYetError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(now: EventState) {
    super(
      `${now.event} is ${now.state}; it is settled once it has ended and late readings had ` +
        'time to arrive.',
      now,
    )
  }
}

/** Payees can claim a settlement once its challenge window is over. */
export class NotFinalYetError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(now: EventState) {
    super(
      `${now.event} is ${now.state}; what it pays can be claimed once it is final: ` +
        'latenessS after its end, and then the challenge window (WATTPROOF_CHALLENGE_S).',
      now,
    )
  }
}

export class NothingToClaimError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(settled: { readonly event: string }) {
    super(`${settled.event} has no settlement to claim from.`, settled)
  }
}

/** A number that no settlement has yet. */
export class NoSettlementError extends InvalidArgumentError {
  override readonly kind = 'not-found'

  constructor(asked: { readonly settlementNumber: number }) {
    super(`There is no settlement ${asked.settlementNumber}; /api/v1/anchors lists them.`, asked)
  }
}

/** Only the participants of an event have a line in its settlement. */
export class NoSettlementLineError extends InvalidArgumentError {
  override readonly kind = 'not-found'

  constructor(asked: { readonly event: string; readonly meter: string }) {
    const { event, meter } = asked
    super(`There is no line of ${meter} in the settlement of ${event}: it took no part.`, asked)
  }
}

export class NotPublishedError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(json: { readonly issues: string }) {
    super(`This is not a published settlement: ${json.issues}.`, json)
  }
}

export class NoSettlementRecordError extends InvalidArgumentError {
  override readonly kind = 'unreadable'

  constructor(json: { readonly issues: string }) {
    super(`This is not a settlement record: ${json.issues}.`, json)
  }
}

export class SettledTwiceError extends InvalidArgumentError {
  constructor(event: { readonly event: string }) {
    super(`A meter takes part twice in ${event.event}.`, event)
  }
}

export class NegativeOrderError extends InvalidArgumentError {
  constructor(interval: { readonly orderedMwh: number }) {
    super(`An order must not be negative: ${interval.orderedMwh} mWh.`, interval)
  }
}
