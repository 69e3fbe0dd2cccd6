import type { Act } from '../../../schemas/reading/acts.ts'
import type { Reading } from '../../../schemas/reading/reading.ts'
import { seededRandom, shuffled } from '../../simulate/random.ts'
import type { Death } from './mortal.ts'
import type { Stage } from './world.ts'

/** Records that arrive at once. */
export type Piece = { readonly readings: readonly Reading[]; readonly acts: readonly Act[] }

/** What befalls a run, one draw after another. */
export type Disturbance = {
  /** A stage in the order of its arrival. */
  cut(stage: Stage): readonly Piece[]
  nextDeath(): Death | null
  /** Whether something happens that happens once in so many times. */
  isHit(once: number): boolean
  /** What the clocks are off by, ms. */
  jumpMs(): number
}

/** All of a stage at once, in order. */
export const calm: Disturbance = {
  cut: (stage) => [stage],
  nextDeath: () => null,
  isHit: () => false,
  jumpMs: () => 0,
}

const piecesMax = 6
const writesMax = 24
const deathsMax = 6
const dayMs = 86_400_000

/**
 * A stage shuffled, a part of it twice, in pieces; processes that end at some write; clocks that
 * jump by days. The same for the same seed.
 */
export function drawDisturbance(seed: string): Disturbance {
  const random = seededRandom(`disturbance ${seed}`)
  let deaths = 0
  const isHit = (once: number) => random.below(once) === 0
  return {
    isHit,
    cut({ readings, acts }) {
      const repeated = readings.filter(() => isHit(5))
      const order = shuffled([...readings, ...repeated], random)
      const edges = Array.from({ length: random.below(piecesMax) }, () =>
        random.below(order.length),
      )
      const bounds = [0, ...edges.sort((left, right) => left - right), order.length]
      const pieces = bounds.slice(1).map((to, index) => ({
        readings: order.slice(bounds[index], to),
        acts: [] as Act[],
      }))
      for (const act of acts) pieces[random.below(pieces.length)]!.acts.push(act)
      return pieces
    },
    nextDeath() {
      if (deaths === deathsMax || isHit(3)) return null
      deaths += 1
      return { writes: random.below(writesMax), isAfter: isHit(2) }
    },
    jumpMs: () => (isHit(4) ? (random.below(7) - 3) * dayMs : 0),
  }
}
