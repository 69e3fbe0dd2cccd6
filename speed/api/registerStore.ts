import type { KeptRegister, RegisterRead } from '../../schemas/reading/register.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { enter, type Known, readKnown } from './enterRegisters.ts'
import { type Said, takeIndependent, type Waiting } from './registerQueue.ts'
import { type RegisterPorts, takeOutRegisters } from './takeOutRegisters.ts'
import { takeTogether } from './takeRegisters.ts'
import { openUnsaidRegisters } from './unsaidRegisters.ts'
import { type RegisterWords, registerWordsOf } from './wordsOfRegisters.ts'

/**
 * The cumulative registers of all meters, which are differenced across files and requests.
 *
 * The words that follow from registers are records of the log, as every word is; here is what the
 * next request is differenced against. So a restart or a replay asks it nothing, and meters
 * without registers cost nothing.
 */
export type RegisterStore = {
  /** What would be said; nothing is kept. */
  look(registers: readonly RegisterRead[], nowMs: EpochMs): Promise<RegisterWords>
  /**
   * Takes the registers of a request, if `admit` has nothing against what follows from them: they
   * are kept, and then `append` puts the words into the log. A request that was cut between the
   * two says the same words when it is repeated, with whatever ingest; where this process goes on,
   * so does the next request with registers of its meters.
   *
   * Requests for one meter take turns: each differences its registers with those of the requests
   * before it. Those of another process are seen in the store.
   *
   * @returns null where they were not admitted.
   */
  take<Answer>(said: Said, into: TakeInto<Answer>): Promise<Answer | null>
  /**
   * Takes out the registers of an ingest that was withdrawn, and says anew what the others say.
   * Idempotent: once more it completes what was cut.
   *
   * @returns the last offset in each partition of what it said.
   */
  withdraw(ingest: string): Promise<Record<string, number>>
  /** Completes what a kill has cut, of withdrawals that the archive knows. */
  finish(): Promise<readonly string[]>
}

export type TakeInto<Answer> = {
  readonly admit: (entry: RegisterWords) => Promise<boolean>
  readonly append: (entry: RegisterWords) => Promise<Answer>
}

export function openRegisterStore(options: RegisterPorts): RegisterStore {
  const { views } = options
  const inTurn = openTurns()
  const versions = openVersions()
  const waiting: Waiting[] = []
  const ports = { ...options, unsaid: openUnsaidRegisters() }
  const enterSaid = ({ registers, nowMs }: Said, known: Known) => {
    return enter(options, versions(registers, { known, nowMs }), known)
  }
  const takeNext = async () => {
    const batch = takeIndependent(waiting)
    if (batch.length > 0) await takeTogether(ports, batch, enterSaid)
  }
  return {
    look: async (registers, nowMs) => {
      return registerWordsOf(
        await enterSaid({ registers, nowMs }, await readKnown(views, registers)),
      )
    },
    take: (said, into) => {
      return new Promise((resolve, reject) => {
        waiting.push({ ...said, ...into, resolve: resolve as Waiting['resolve'], reject })
        void inTurn(takeNext)
      })
    },
    withdraw: (ingest) => inTurn(() => takeOutRegisters(options, ingest)),
    finish: async () => {
      const cut = await views.query('registers_to_withdraw')
      for (const { ingest } of cut) await inTurn(() => takeOutRegisters(options, ingest))
      return cut.map(({ ingest }) => ingest)
    },
  }
}

/** One after another, whether or not the one before failed. */
function openTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const own = last.then(work)
    last = own.catch(() => {})
    return own
  }
}

/** No two of this process are the same, and none is before those that are there. */
function openVersions() {
  let next = 0
  return (
    registers: readonly RegisterRead[],
    { known, nowMs }: { known: Known; nowMs: number },
  ) => {
    next = Math.max(nowMs * 1000, next, latestOf(known) + 1)
    return registers.map((each): KeptRegister => ({ ...each, version: next++ }))
  }
}

function latestOf({ stored }: Known): number {
  let latest = 0
  for (const byMeter of stored.values()) {
    for (const registers of byMeter.values()) {
      for (const { version } of registers) latest = Math.max(latest, version)
    }
  }
  return latest
}
