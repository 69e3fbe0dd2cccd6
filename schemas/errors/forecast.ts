import { InvalidArgumentError } from './wattproofError.ts'

/** A trained model that is not better than its reference; it is not released. */
export class ModelUnderperformingError extends InvalidArgumentError {
  override readonly kind = 'model-underperforming'

  constructor(miss: {
    readonly model: string
    readonly metric: string
    readonly value: number
    readonly threshold: number
  }) {
    super(
      `Model ${miss.model} reaches ${miss.metric} ${miss.value}; ` +
        `it must stay below ${miss.threshold} to be released.`,
      miss,
    )
  }
}

/** Too few readings to train, validate and test on; more days resolve it. */
abstract class HistoryTooShortError extends InvalidArgumentError {}

export class SplitTooShortError extends HistoryTooShortError {
  constructor(history: { readonly days: number }) {
    super(
      `Training, validation and test need at least five days of readings, not ${history.days}.`,
      history,
    )
  }
}

export class TrainingTooShortError extends HistoryTooShortError {
  constructor(history: { readonly days: number }) {
    super(
      `Training needs at least two windows of two days; ${history.days} days have fewer.`,
      history,
    )
  }
}

export class NoWholeWindowError extends HistoryTooShortError {
  constructor(history: { readonly days: number }) {
    super(`No meter has ${history.days} days without a gap to learn from.`, history)
  }
}

export class NothingToValidateError extends HistoryTooShortError {
  constructor() {
    super('No reading of the validation range has a forecast to compare it with.')
  }
}

export class NothingToTestError extends HistoryTooShortError {
  constructor() {
    super('No reading of the test range has a forecast to compare it with.')
  }
}

/** Simulated or constant readings: seasonal naive has no error that a model could be below. */
export class RepeatedWeekError extends InvalidArgumentError {
  override readonly kind = 'model-underperforming'

  constructor() {
    super('The readings repeat those of a week before; no forecast is better than to repeat them.')
  }
}

/** A day-ahead model is made for usual interval lengths only. */
export class IntervalWithoutModelError extends InvalidArgumentError {
  constructor(meters: { readonly intervalS: number; readonly trainableS: readonly number[] }) {
    const { intervalS, trainableS } = meters
    super(
      `Intervals of ${intervalS} s have no model; those of ${trainableS.join(', ')} s have one.`,
      meters,
    )
  }
}

export class NoModelReleasedError extends InvalidArgumentError {
  override readonly kind = 'model-underperforming'

  constructor() {
    super('No model was released: none was better than the seasonal naive forecast.')
  }
}
