import type { RegisterRead } from '../../schemas/reading/register.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import type { RegisterWords } from './wordsOfRegisters.ts'

export type Said = { readonly registers: readonly RegisterRead[]; readonly nowMs: EpochMs }

/** A request that waits for its turn. */
export type Waiting = Said & {
  readonly admit: (entry: RegisterWords) => Promise<boolean>
  readonly append: (entry: RegisterWords) => Promise<unknown>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

const registersMax = 20_000
/** Requests whose instants are further apart would have the store read what is between. */
const apartMsMax = 2 * 86_400_000

/**
 * Takes the first requests that have nothing to do with one another: a fleet of gateways says its
 * registers at the same minute, and each of its meters once.
 */
export function takeIndependent(waiting: Waiting[]): Waiting[] {
  const [first] = waiting
  if (!first) return []
  const near = rangeOf(first.registers)
  const meters = new Set<string>()
  let count = 0
  const end = waiting.findIndex(({ registers }) => {
    count += registers.length
    const { startMs, endMs } = rangeOf(registers)
    const isNear = startMs >= near.startMs - apartMsMax && endMs <= near.endMs + apartMsMax
    const own = new Set(registers.map(({ meter, source }) => `${meter} ${source}`))
    const isOther = [...own].every((each) => !meters.has(each))
    for (const each of own) meters.add(each)
    return !isNear || !isOther || (count > registersMax && count > registers.length)
  })
  return waiting.splice(0, end < 0 ? waiting.length : end)
}

export function rangeOf(registers: readonly RegisterRead[]): TimeRange {
  let [startMs, endMs] = [Number.POSITIVE_INFINITY, 0]
  for (const { atMs } of registers) {
    startMs = Math.min(startMs, atMs)
    endMs = Math.max(endMs, atMs)
  }
  return { startMs, endMs }
}
