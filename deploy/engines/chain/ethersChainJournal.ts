import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import * as z from 'zod'
import { StoredRecordError } from '../../../schemas/errors/views.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { catalogue } from '../../../schemas/sql/catalogue/catalogue.ts'

/**
 * One signed transaction, journaled before it is broadcast.
 *
 * `once` names the effect. Later attempts at the same effect (a higher fee, another nonce) are
 * separate rows, `once~1`, `once~2`, …: any of them may be the one that is mined.
 */
export type TransactionRow = {
  readonly once: string
  readonly version: number
  readonly sender: Address
  readonly nonce: number
  readonly contract: string
  readonly method: string
  readonly raw: string
  readonly hash: Hex32
  readonly state: 'pending' | 'mined' | 'failed' | 'replaced' | 'refused'
  readonly block: number
  readonly gasUsed: number
}

/** A sender's journal of transactions. `write` resolves once the row is durable. */
export type Journal = {
  load(sender: Address): Promise<readonly TransactionRow[]>
  write(row: TransactionRow): Promise<void>
}

/** In the row set `transactions`. */
export function viewsJournal(views: Views): Journal {
  return {
    load: (sender) => views.query('transactions_of', { sender }),
    async write({ gasUsed, ...row }) {
      await views.insert('transactions', [{ ...row, gas_used: gasUsed }])
    },
  }
}

/**
 * In a file of JSON lines, for a process without a store; the last line of each `once` counts.
 *
 * `load` throws StoredRecordError, which names the line, where one is damaged: without it a
 * transaction could be sent twice.
 */
export function fileJournal(file: string): Journal {
  return {
    async load(sender) {
      if (!existsSync(file)) return []
      const bytes = readFileSync(file)
      // A kill may have truncated the last line; it was not acknowledged, so nothing was broadcast.
      // It is dropped, or the next row would be appended to the same line.
      const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1)
      if (whole.length < bytes.length) truncateSync(file, whole.length)
      const lines = whole.toString('utf8').split('\n').slice(0, -1)
      const rows = lines.map((line, at) => decodeLine(line, { file, number: at + 1 }))
      const newest = new Map(rows.map((row) => [row.once, row]))
      return [...newest.values()].filter((row) => row.sender === sender)
    },
    async write(row) {
      const handle = openSync(file, 'a', 0o600)
      const { size } = fstatSync(handle)
      try {
        // Unlike `writeSync` it continues after a short write, to the end or to the error.
        writeFileSync(handle, `${JSON.stringify(row)}\n`)
        fsyncSync(handle)
      } catch (error) {
        ftruncateSync(handle, size)
        throw error
      } finally {
        closeSync(handle)
      }
    },
  }
}

/** Kept in memory only: for tests and one-off commands. */
export function memoryJournal(): Journal {
  const rows = new Map<string, TransactionRow>()
  return {
    load: async (sender) => [...rows.values()].filter((row) => row.sender === sender),
    write: async (row) => {
      rows.set(row.once, row)
    },
  }
}

/** A line has the columns of the row set. */
function decodeLine(line: string, at: { file: string; number: number }): TransactionRow {
  try {
    return catalogue.transactions_of.decode(JSON.parse(line))
  } catch (error) {
    const record = `transaction in line ${at.number} of ${at.file}`
    const issues = error instanceof z.ZodError ? z.prettifyError(error) : null
    throw new StoredRecordError({ record, issues }, error)
  }
}
