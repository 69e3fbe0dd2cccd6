import { RegistersUnsettledError } from '../../schemas/errors/registers.ts'
import type { RegisterRead } from '../../schemas/reading/register.ts'
import {
  type Counts,
  countKnown,
  type Entered,
  enterAnew,
  type Known,
  readKnown,
  type Series,
  seriesOf,
} from './enterRegisters.ts'
import type { Said, Waiting } from './registerQueue.ts'
import { appendWords, type RegisterPorts } from './takeOutRegisters.ts'
import type { UnsaidRegisters } from './unsaidRegisters.ts'
import { joinIngests, readingsOfWords, registerWordsOf } from './wordsOfRegisters.ts'

export type TakingPorts = RegisterPorts & { readonly unsaid: UnsaidRegisters }

/** Whoever finds others after so many rounds is asked to come again. */
const roundsMax = 8

type EnterSaid = (said: Said, known: Known) => Promise<Entered>

/**
 * Takes requests of different meters: they ask the store together and are kept together, and each
 * is answered for itself.
 *
 * Another process of the API may take registers of the same meters at once. So all are kept before
 * anything is said, and whoever has said something looks whether there are others since: then it
 * says that time again from all that are there. Of two, the later one to be kept is seen by the one
 * or the other, and the last words in the log are those of all.
 */
export async function takeTogether(
  ports: TakingPorts,
  batch: readonly Waiting[],
  enterSaid: EnterSaid,
): Promise<void> {
  try {
    const { views, unsaid } = ports
    const said = batch.flatMap(({ registers }) => registers)
    const left = unsaid.near(said)
    const all = [...said, ...left]
    const known = await readKnown(views, all)
    const admitted = await admitAll(batch, (each) => enterSaid(each, known))
    if (admitted.length === 0) return
    const rows = admitted.flatMap(({ entered }) => entered.rows)
    unsaid.add(admitted.flatMap(({ entered }) => entered.fresh))
    if (rows.length > 0) await views.insert('registers', rows)
    const counts = await countKnown(views, all)
    const others = new Set(changedOf(counts, withRows(known.counts, rows)))
    for (const each of left) others.add(seriesOf(each))
    for (const { entered } of admitted) for (const each of entered.again) others.add(each)
    const seen = others.size === 0 ? known : await readKnown(views, all)
    await appendAll(ports, admitted, { seen, others })
    await sayOthers(ports, admitted, { all, counts })
    for (const each of admitted) each.settle()
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

type Taken = { readonly all: readonly RegisterRead[]; readonly counts: Counts }

/** Until there are no others since. */
async function sayOthers(
  ports: TakingPorts,
  admitted: readonly Admitted[],
  { all, counts }: Taken,
) {
  let last = counts
  for (let round = 0; round < roundsMax; round++) {
    const now = await readIfChanged(ports, all, last)
    if (!now) return
    await sayAnew(ports, admitted, now)
    last = now.seen.counts
  }
  throw new RegistersUnsettledError({ rounds: roundsMax })
}

type Admitted = {
  readonly waiting: Waiting
  readonly entered: Entered
  settle: () => void
}

/** Those that may be kept; the others are answered. */
async function admitAll(
  batch: readonly Waiting[],
  enterOne: (each: Waiting) => Promise<Entered>,
): Promise<readonly Admitted[]> {
  const admitted = await Promise.all(
    batch.map(async (waiting): Promise<Admitted[]> => {
      try {
        const entered = await enterOne(waiting)
        if (await waiting.admit(registerWordsOf(entered)))
          return [{ waiting, entered, settle: () => {} }]
        waiting.resolve(null)
      } catch (error) {
        waiting.reject(error)
      }
      return []
    }),
  )
  return admitted.flat()
}

type Seen = {
  readonly seen: Known
  /** Series of which there are registers of others. */
  readonly others: ReadonlySet<string>
}

/** Each is answered once all is known to be said. */
async function appendAll(ports: TakingPorts, admitted: readonly Admitted[], now: Seen) {
  const append = async (each: Admitted) => {
    const { found } = each.entered
    const words = wordsOf(ports, each, now)
    try {
      await joinIngests(ports.views, words)
      const answer = await each.waiting.append(registerWordsOf({ words, found }))
      each.settle = () => {
        ports.unsaid.clear(each.entered.fresh)
        each.waiting.resolve(answer)
      }
    } catch (error) {
      each.settle = () => each.waiting.reject(error)
    }
  }
  await Promise.all(admitted.map(append))
}

/** All that is near, instead of what is new, in series that others have said registers of. */
function wordsOf({ registry, unsaid }: TakingPorts, { entered }: Admitted, { seen, others }: Seen) {
  const isOther = (each: Series) => others.has(seriesOf(each))
  const left = entered.words.filter(({ word }) => !isOther(word))
  const fresh = unsaid.near(entered.fresh.filter(isOther))
  return fresh.length === 0 ? left : [...left, ...enterAnew(fresh, seen, registry)]
}

async function readIfChanged(
  { views }: TakingPorts,
  registers: readonly RegisterRead[],
  counts: Counts,
): Promise<Seen | null> {
  const others = changedOf(await countKnown(views, registers), counts)
  return others.size === 0 ? null : { others, seen: await readKnown(views, registers) }
}

async function sayAnew(ports: TakingPorts, admitted: readonly Admitted[], now: Seen) {
  const nothing = { words: [], found: [] }
  const words = admitted.flatMap((each) => {
    return wordsOf(ports, { ...each, entered: { ...each.entered, ...nothing } }, now)
  })
  await joinIngests(ports.views, words)
  await appendWords(ports.log, readingsOfWords(words), ports.partitions)
}

function changedOf(now: Counts, before: Counts): ReadonlySet<string> {
  return new Set(
    [...now].filter(([series, count]) => before.get(series) !== count).map(([own]) => own),
  )
}

function withRows(counts: Counts, rows: Entered['rows']): Counts {
  const all = new Map(counts)
  for (const each of rows) {
    const series = seriesOf(each)
    all.set(series, (all.get(series) ?? 0) + 1)
  }
  return all
}
