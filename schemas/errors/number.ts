import { InvalidArgumentError } from './wattproofError.ts'

export class EnergyError extends InvalidArgumentError {
  constructor(given: { readonly value: number }) {
    super(`${given.value} is not a whole number of milliwatt-hours.`, given)
  }
}

export class DenominatorError extends InvalidArgumentError {
  constructor() {
    super('A ratio needs a positive denominator.')
  }
}

export class NoLeavesError extends InvalidArgumentError {
  constructor() {
    super('A tree without leaves has no root.')
  }
}

export class NoSuchLeafError extends InvalidArgumentError {
  constructor(given: { readonly index: number; readonly leaves: number }) {
    super(`There is no leaf ${given.index} in a tree of ${given.leaves}.`, given)
  }
}
