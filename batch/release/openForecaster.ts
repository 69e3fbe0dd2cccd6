import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { Inference } from '../../schemas/ports/inference.ts'
import type { ModelCard } from '../../schemas/ports/models.ts'
import type { ForecastRows } from '../backtest/evaluateForecast.ts'
import { inputName, outputName } from './encodeOnnx.ts'

/** A released model, ready to run on many histories at once, with its shape. */
export type Forecaster = {
  readonly id: string
  readonly lookBack: number
  readonly horizon: number
  readonly forecast: ForecastRows
  readonly close: () => Promise<void>
}

/** @throws InvariantError when the card does not describe one of our day-ahead models. */
export async function openForecaster(
  inference: Inference,
  { bytes, card }: { readonly bytes: Uint8Array; readonly card: ModelCard },
): Promise<Forecaster> {
  const lookBack = columnsOf(card, card.inputs[inputName])
  const horizon = columnsOf(card, card.outputs[outputName])
  const session = await inference.load(bytes)
  return {
    id: card.id,
    lookBack,
    horizon,
    forecast: async (histories, rows) => {
      if (rows === 0) return new Float32Array(0)
      const outputs = await session.run({
        [inputName]: { dims: [rows, lookBack], data: histories },
      })
      const forecast = outputs[outputName]
      if (!forecast) throw new InvariantError(`Model ${card.id} gives no ${outputName}.`)
      return forecast.data
    },
    close: () => session.close(),
  }
}

function columnsOf(card: ModelCard, dims: readonly (number | string)[] | undefined): number {
  const columns = dims?.[1]
  if (typeof columns !== 'number') {
    throw new InvariantError(`The card of model ${card.id} says nothing of its shape.`)
  }
  return columns
}
