import { sha256Hex } from '../../schemas/hash.ts'
import type { ModelCard } from '../../schemas/ports/models.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { ForecastError } from '../backtest/evaluateForecast.ts'
import type { SlotRange } from '../history/splitSegments.ts'
import type { TrainForecastReturnType } from '../training/trainForecast.ts'
import { inputName, outputName } from './encodeOnnx.ts'

/** The name of a released day-ahead model: one per interval length. */
export function modelNameFor(stepS: number): string {
  return `load-day-ahead-${stepS}s`
}

export type MakeCardParameters = {
  readonly bytes: Uint8Array
  readonly trained: TrainForecastReturnType
  readonly test: ForecastError
  readonly stepS: number
  readonly startMs: EpochMs
  readonly createdMs: EpochMs
  readonly meters: number
}

/** The card of a trained model, with its metrics on the test range. */
export function makeCard(parameters: MakeCardParameters): ModelCard {
  const { trained, test, stepS, startMs } = parameters
  const { model, split, hyperparameters } = trained
  const iso = ({ first, end }: SlotRange) =>
    [isoUtc(startMs + first * stepS * 1000), isoUtc(startMs + end * stepS * 1000)] as const
  return {
    id: sha256Hex(parameters.bytes),
    name: modelNameFor(stepS),
    kind: 'linear-ridge',
    createdMs: parameters.createdMs,
    split: { train: iso(split.train), validate: iso(split.validate), test: iso(split.test) },
    hyperparameters: {
      ...hyperparameters,
      lookBackSlots: model.lookBack,
      horizonSlots: model.horizon,
      intervalS: stepS,
    },
    inputs: { [inputName]: ['sites', model.lookBack] },
    outputs: { [outputName]: ['sites', model.horizon] },
    metrics: {
      maeWh: test.maeWh,
      naiveMaeWh: test.naiveMaeWh,
      ratio: test.ratio,
      validationRatio: trained.validationRatio,
      slots: test.slots,
    },
    meters: parameters.meters,
    notes:
      'Ridge on sliding windows, centring folded in; fitted on the training and validation ' +
      'ranges with settings chosen on validation. Ratio: mean absolute error on the test range ' +
      'relative to the same time a week ago. Input and output in Wh an interval; the forecast ' +
      'starts where the history ends. Negative outputs mean 0.',
  }
}
