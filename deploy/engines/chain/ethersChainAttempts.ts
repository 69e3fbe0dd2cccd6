import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import type { Journal, TransactionRow } from './ethersChainJournal.ts'

/** All transactions one sender ever signed, in memory and in its journal. */
export type Attempts = {
  /** The attempts at one effect, the oldest first. */
  of(once: string): readonly TransactionRow[]
  /** Signed and possibly effective: these must be on the chain or on their way there. */
  live(): readonly TransactionRow[]
  /** The row is durable when it resolves. */
  add(once: string, row: Omit<TransactionRow, 'once' | 'version'>): Promise<TransactionRow>
  update(row: TransactionRow, change: Partial<TransactionRow>): Promise<TransactionRow>
  /** Why the node did not take a transaction when it was last sent, by its hash; in memory only. */
  readonly reasons: Map<Hex32, string>
}

const separator = '~'

export async function openAttempts(journal: Journal, sender: Address): Promise<Attempts> {
  const attempts = new Map<string, TransactionRow[]>()
  const rows = [...(await journal.load(sender))].sort((a, b) => ordinal(a) - ordinal(b))
  for (const row of rows) {
    const once = effectOf(row)
    attempts.set(once, [...(attempts.get(once) ?? []), row])
  }
  const put = async (once: string, row: TransactionRow) => {
    await journal.write(row)
    const others = (attempts.get(once) ?? []).filter((each) => each.once !== row.once)
    attempts.set(
      once,
      [...others, row].sort((a, b) => ordinal(a) - ordinal(b)),
    )
    return row
  }
  return {
    of: (once) => attempts.get(once) ?? [],
    live: () =>
      [...attempts.values()]
        .flat()
        .filter((row) => row.state === 'pending' || row.state === 'mined')
        .sort((a, b) => a.nonce - b.nonce || ordinal(b) - ordinal(a)),
    async add(once, row) {
      if (once.includes(separator)) throw new InvariantError(`${once} holds a ${separator}.`)
      const count = attempts.get(once)?.length ?? 0
      const name = count === 0 ? once : `${once}${separator}${count}`
      return put(once, { ...row, once: name, version: 1 })
    },
    reasons: new Map(),
    update: (row, change) => put(effectOf(row), { ...row, ...change, version: row.version + 1 }),
  }
}

function effectOf(row: TransactionRow): string {
  return row.once.split(separator)[0] ?? row.once
}

function ordinal(row: TransactionRow): number {
  return Number(row.once.split(separator)[1] ?? 0)
}
