import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { localFileError } from '../../schemas/errors/localFile.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { openLocalFile, readLocalFile, readLocalJson, sizeOfLocalFile } from './localFiles.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-files-'))
const at = (name: string) => path.join(dir, name)
const text = 'meter,start\n'
const packed = gzipSync(text.repeat(1_000))
mkdirSync(at('folder'))
mkdirSync(at('folder.gz'))
writeFileSync(at('plain.csv'), text)
writeFileSync(at('good.csv.gz'), gzipSync(text))
writeFileSync(at('LOUD.CSV.GZ'), gzipSync(text))
writeFileSync(at('fake.csv.gz'), text)
writeFileSync(at('cut.csv.gz'), packed.subarray(0, packed.length - 20))
writeFileSync(at('damaged.csv.gz'), packed.fill(0xff, 20, 40))
afterAll(() => rmSync(dir, { recursive: true }))

const faults = [
  ['nothing', 'There is no file nothing.'],
  ['nothing.gz', 'There is no file nothing.gz.'],
  ['plain.csv/inside', 'There is no plain.csv/inside: part of that path is a file, not a folder.'],
  ['folder', 'folder is a folder, not a file.'],
  ['folder.gz', 'folder.gz is a folder, not a file.'],
  ['fake.csv.gz', 'fake.csv.gz is not a gzip file. If it is not packed, name it without .gz.'],
  ['cut.csv.gz', 'cut.csv.gz ends in the middle of its gzip data; copy it again.'],
  ['damaged.csv.gz', 'damaged.csv.gz is not a gzip file, or is damaged.'],
] as const

test.each(faults)('%s is refused with a sentence, streamed or whole', async (name, sentence) => {
  const said = (error: unknown) => ({
    sentence: sentenceOf(error).replaceAll(`${dir}/`, ''),
    exitCode: exitCodeOf(error),
  })
  const refused = { sentence, exitCode: 2 }
  expect(await readAll(at(name)).catch(said)).toEqual(refused)
  const whole = new Promise((resolve) => resolve(readLocalFile(at(name))))
  expect(await whole.catch(said)).toEqual(refused)
})

test('a file is unpacked by its name', async () => {
  expect(await readAll(at('plain.csv'))).toBe(text)
  expect(await readAll(at('good.csv.gz'))).toBe(text)
  expect(readLocalFile(at('good.csv.gz')).toString()).toBe(text)
  expect(await readAll(at('LOUD.CSV.GZ'))).toBe(text)
  expect(readLocalFile(at('LOUD.CSV.GZ')).toString()).toBe(text)
  expect(sizeOfLocalFile(at('plain.csv'))).toBe(text.length)
  expect(() => sizeOfLocalFile(at('folder'))).toThrow(`${at('folder')} is a folder, not a file.`)
})

test('what is no JSON is wrong use, and the file is named', () => {
  const read = () => readLocalJson(at('plain.csv'))
  expect(read).toThrow(`${at('plain.csv')} cannot be read as JSON: `)
  expect(() => readLocalJson(at('folder'))).toThrow('is a folder')
})

test('other errors are not taken for a file’s', () => {
  const error = new Error('something else')
  expect(localFileError(error, 'file.csv')).toBe(error)
})

test.each(['plain.csv', 'good.csv.gz'])('the head of %s comes again', async (name) => {
  const source = openLocalFile(at(name))
  expect(Buffer.concat(await source.readHead(() => true)).toString()).toBe(text)
  expect(await join(source.pieces)).toBe(text)
  source.close()
})

test('a pipe is read once and from its beginning', async () => {
  const lines = text.repeat(50_000)
  writeFileSync(at('long.csv'), lines)
  execFileSync('mkfifo', [at('pipe')])
  const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', at('long.csv'), at('pipe')])
  const source = openLocalFile(at('pipe'))
  await source.readHead((piece) => piece.length > 0)
  expect((await join(source.pieces)).length).toBe(lines.length)
  writer.kill()
})

test('a head that is refused leaves nothing open', async () => {
  for (const name of ['plain.csv', 'good.csv.gz']) {
    const source = openLocalFile(at(name))
    const refuse = () => {
      throw new Error('refused')
    }
    await expect(source.readHead(refuse)).rejects.toThrow('refused')
    source.close()
  }
})

test('what unpacks to more than the memory is refused, with exit code 2', () => {
  // 260 MiB of zeros in 256 kB: gzip members are unpacked one after the other.
  const member = gzipSync(Buffer.alloc(20 * 2 ** 20))
  writeFileSync(at('bomb.json.gz'), Buffer.concat(Array(13).fill(member)))
  let thrown: unknown
  try {
    readLocalJson(at('bomb.json.gz'))
  } catch (error) {
    thrown = error
  }
  expect(sentenceOf(thrown)).toContain('is too large to be read whole: at most 256 MiB, unpacked.')
  expect(exitCodeOf(thrown)).toBe(2)
})

function readAll(file: string): Promise<string> {
  return join(openLocalFile(file).pieces)
}

async function join(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
