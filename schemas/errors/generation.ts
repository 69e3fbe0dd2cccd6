import { InvalidArgumentError, RetryableError } from './wattproofError.ts'

/** The log no longer has records that the speed layer must replay after the newest generation. */
export class ReplayGoneError extends RetryableError {
  constructor(replay: {
    /** End of the newest generation, ISO 8601; null where there is none. */
    readonly highWater: string | null
    readonly partition: number
    readonly needed: number
    readonly start: number
  }) {
    const from = replay.highWater === null ? 'without a generation' : `from ${replay.highWater}`
    super(
      `A replay ${from} needs partition ${replay.partition} from offset ${replay.needed}; ` +
        `retention has left it from ${replay.start}. It goes on once a generation with a later ` +
        'high-water mark is published.',
      replay,
    )
  }
}

/** Two runs took the same number; the one that published first counts. */
export class GenerationTakenError extends RetryableError {
  constructor(race: { readonly generation: number; readonly published: number }) {
    super(
      `Generation ${race.published} was published while ${race.generation} was being written; ` +
        'run the recompute again.',
      race,
    )
  }
}

export class NotStartOfDayError extends InvalidArgumentError {
  /** @param given the high-water mark asked for, ISO 8601. */
  constructor(given: { readonly highWater: string; readonly zone: string }) {
    super(`${given.highWater} is not the start of a day in ${given.zone}.`, given)
  }
}

export class GenerationToComeError extends InvalidArgumentError {
  constructor(given: { readonly after: number; readonly newest: number }) {
    super(`Generation ${given.after} cannot be replaced: the newest is ${given.newest}.`, given)
  }
}

export class HighWaterMarkToComeError extends InvalidArgumentError {
  constructor(given: {
    /** ISO 8601, as is the other. */
    readonly highWater: string
    readonly now: string
  }) {
    super(
      `${given.highWater} is in the future: it is ${given.now}, and a high-water mark closes the ` +
        'days before it.',
      given,
    )
  }
}

/** An earlier high-water mark needs a replay from records that retention has removed. */
export class TakeBackGoneError extends InvalidArgumentError {
  constructor(replay: {
    /** ISO 8601. */
    readonly highWater: string
    readonly partition: number
    readonly needed: number
    readonly start: number
  }) {
    super(
      `The high-water mark cannot be taken back to ${replay.highWater}: the live view would need ` +
        `partition ${replay.partition} from offset ${replay.needed}, and the log begins at ` +
        `${replay.start}.`,
      replay,
    )
  }
}

/** A high-water mark moves back only for who says so. */
export class HighWaterMarkFallsError extends InvalidArgumentError {
  constructor(given: {
    readonly generation: number
    /** ISO 8601, as is the other. */
    readonly highWater: string
    readonly asked: string
  }) {
    super(
      `Generation ${given.generation} has the high-water mark ${given.highWater}; it does not ` +
        `move back to ${given.asked} unless it is taken back.`,
      given,
    )
  }
}
