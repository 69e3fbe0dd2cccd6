import { NotFoundError } from '../errors/wattproofError.ts'

/** Classes of similar days. A holiday counts as a Sunday whatever its weekday. */
export type DayClass = 'weekday' | 'saturday' | 'sunday-or-holiday'

/** How the days of one type are chosen. */
export type DayType = {
  /** An event on a day of these classes uses earlier days of the same classes. */
  readonly classes: readonly DayClass[]
  /** How many of the latest complete like days are candidates. */
  readonly pool: number
  /** Which candidates count. Other tariffs add `highest`, `middle` or `nearest-temperature`. */
  readonly pick: { readonly kind: 'all' }
}

/** How the mean of the chosen days is adjusted to the event's day. Others add `additive`. */
export type Adjustment =
  | { readonly kind: 'none' }
  | {
      /** Ratio of load to baseline over a window before the start, clipped. */
      readonly kind: 'scalar'
      /** `[start - fromS, start - toS)`. */
      readonly window: { readonly fromS: number; readonly toS: number }
      readonly clip: { readonly low: Fraction; readonly high: Fraction }
    }

export type Fraction = { readonly numerator: bigint; readonly denominator: bigint }

/** A baseline method is data; `computeBaseline` runs it. */
export type BaselineMethod = {
  readonly id: string
  readonly dayTypes: readonly DayType[]
  /** How many calendar days before the event's day are searched for like days. */
  readonly lookBackDays: number
  readonly adjust: Adjustment
  readonly source: string
  /** `unconfirmed`: a parameter could not be checked against the published tariff. */
  readonly status: 'confirmed' | 'unconfirmed'
}

const hourS = 3600

export const caiso10in10: BaselineMethod = {
  id: 'caiso-10-in-10',
  dayTypes: [
    { classes: ['weekday'], pool: 10, pick: { kind: 'all' } },
    { classes: ['saturday', 'sunday-or-holiday'], pool: 4, pick: { kind: 'all' } },
  ],
  lookBackDays: 45,
  adjust: {
    kind: 'scalar',
    window: { fromS: 4 * hourS, toS: 1 * hourS },
    clip: {
      low: { numerator: 4n, denominator: 5n },
      high: { numerator: 6n, denominator: 5n },
    },
  },
  source: 'CAISO tariff 4.13.4, ten-in-ten; the adjustment window is from memory',
  status: 'unconfirmed',
}

/** Every method of today; `baseline`, `evaluate baseline` and settlement know the same. */
export const baselineMethods: readonly BaselineMethod[] = [caiso10in10]

/** @throws NotFoundError for an unknown id. */
export function baselineMethodNamed(id: string): BaselineMethod {
  const method = baselineMethods.find((each) => each.id === id)
  if (!method) throw new NotFoundError('baseline method', id)
  return method
}
