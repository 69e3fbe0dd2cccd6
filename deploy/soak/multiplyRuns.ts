import type { IAsyncProperty, IProperty, Parameters } from 'fast-check'
import { inject, vi } from 'vitest'

declare module 'vitest' {
  export interface ProvidedContext {
    /** True in `npm run test:soak`: everything; otherwise the fixed sample that CI has time for. */
    isSoak: boolean
    /** Where the properties of this soak begin. */
    soakSeed: number
  }
}

/** How many times as often as in `npm test` a property is tried. */
const times = 100
const runsByDefault = 100

/**
 * Set-up of every soak file: `fc.assert` is the library's own, asked for more runs from the seed of
 * this soak. It is here and not in the tests, so that no property can be forgotten.
 */
vi.mock('fast-check', async (importOriginal) => {
  const original = await importOriginal<typeof import('fast-check')>()
  const seed = inject('soakSeed')
  const assert = <T>(property: IAsyncProperty<T> | IProperty<T>, given: Parameters<T> = {}) =>
    original.assert(property, {
      seed,
      ...given,
      numRuns: (given.numRuns ?? runsByDefault) * times,
    })
  return { ...original, assert, default: { ...original.default, assert } }
})
