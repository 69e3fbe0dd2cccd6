import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { StoredRecordError } from '../../../schemas/errors/views.ts'
import { fileJournal, type TransactionRow } from './ethersChainJournal.ts'

const sender = `0x${'11'.repeat(20)}` as const
const row = (once: string): TransactionRow => {
  return {
    ...{ once, version: 1, sender, nonce: 0, contract: 'SettlementAnchor', method: 'attest' },
    ...{ raw: '0x', hash: `0x${'22'.repeat(32)}`, state: 'pending', block: 0, gasUsed: 0 },
  }
}
const newFile = () => path.join(mkdtempSync(path.join(tmpdir(), 'wattproof-journal-')), 'rows')
const namesIn = async (file: string) => (await fileJournal(file).load(sender)).map((r) => r.once)

test('for each effect the last line of this sender counts', async () => {
  const journal = fileJournal(newFile())
  expect(await journal.load(sender)).toEqual([])
  await journal.write(row('a'))
  await journal.write({ ...row('a'), version: 2, state: 'mined' })
  await journal.write({ ...row('b'), sender: `0x${'33'.repeat(20)}` })
  expect(await journal.load(sender)).toEqual([{ ...row('a'), version: 2, state: 'mined' }])
})

test('a line truncated by a kill is dropped, and later lines are kept', async () => {
  const file = newFile()
  await fileJournal(file).write(row('a'))
  await fileJournal(file).write(row('b'))
  truncateSync(file, statSync(file).size - 20)
  expect(await namesIn(file)).toEqual(['a'])
  await fileJournal(file).write(row('b'))
  await fileJournal(file).write(row('c'))
  expect(await namesIn(file)).toEqual(['a', 'b', 'c'])
})

test('a file with nothing but a truncated line is started over', async () => {
  const file = newFile()
  appendFileSync(file, '{"once":"é')
  expect(await namesIn(file)).toEqual([])
  await fileJournal(file).write(row('a'))
  expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(row('a'))}\n`)
})

test.each([
  ['of another version', JSON.stringify({ ...row('b'), state: 'sent' })],
  ['without a nonce', JSON.stringify({ ...row('b'), nonce: undefined })],
  ['of another file', '{}'],
  ['that is not JSON', '{"once":'],
])('a line %s is refused by its number, and the file is left as it is', async (_, line) => {
  const file = newFile()
  await fileJournal(file).write(row('a'))
  appendFileSync(file, `${line}\n`)
  await fileJournal(file).write(row('c'))
  const bytes = readFileSync(file)
  const loaded = namesIn(file)
  await expect(loaded).rejects.toBeInstanceOf(StoredRecordError)
  await expect(loaded).rejects.toThrow(`The stored transaction in line 2 of ${file}`)
  expect(readFileSync(file)).toEqual(bytes)
})
