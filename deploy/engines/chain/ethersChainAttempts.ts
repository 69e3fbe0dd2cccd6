import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import type { Address } from '../../../schemas/ids.ts'
import type { Journal, TransactionRow } from './ethersChainJournal.ts'

/** Everything one sender ever signed, in memory and in its journal. */
export type Attempts = {
  /** The attempts at one effect, the oldest first. */
  of(once: string): readonly TransactionRow[]
  /** Signed, and not known to be without effect: what must be on the chain or on its way there. */
  live(): readonly TransactionRow[]
  /** Durable when it resolves. */
  add(once: string, row: Omit<TransactionRow, 'once' | 'version'>): Promise<TransactionRow>
  update(row: TransactionRow, change: Partial<TransactionRow>): Promise<TransactionRow>
}

const separator = '~'

export async function openAttempts(journal: Journal, sender: Address): Promise<Attempts> {
  const book = new Map<string, TransactionRow[]>()
  const rows = [...(await journal.load(sender))].sort((a, b) => ordinal(a) - ordinal(b))
  for (const row of rows) {
    const once = effectOf(row)
    book.set(once, [...(book.get(once) ?? []), row])
  }
  const put = async (once: string, row: TransactionRow) => {
    await journal.write(row)
    const others = (book.get(once) ?? []).filter((each) => each.once !== row.once)
    book.set(
      once,
      [...others, row].sort((a, b) => ordinal(a) - ordinal(b)),
    )
    return row
  }
  return {
    of: (once) => book.get(once) ?? [],
    live: () =>
      [...book.values()]
        .flat()
        .filter((row) => row.state === 'pending' || row.state === 'mined')
        .sort((a, b) => a.nonce - b.nonce || ordinal(b) - ordinal(a)),
    async add(once, row) {
      if (once.includes(separator)) throw new InvariantError(`${once} holds a ${separator}.`)
      const count = book.get(once)?.length ?? 0
      const name = count === 0 ? once : `${once}${separator}${count}`
      return put(once, { ...row, once: name, version: 1 })
    },
    update: (row, change) => put(effectOf(row), { ...row, ...change, version: row.version + 1 }),
  }
}

function effectOf(row: TransactionRow): string {
  return row.once.split(separator)[0] ?? row.once
}

function ordinal(row: TransactionRow): number {
  return Number(row.once.split(separator)[1] ?? 0)
}
