import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { localFileError } from '../../schemas/errors/localFile.ts'

/** A file that can be read as often as it takes. */
export type Input = {
  /** The name as it was given. */
  readonly name: string
  readonly path: string
  remove(): void
}

/** Standard input, or another pipe, as a file that no other user can read. */
export async function spoolInput(name: string): Promise<Input> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wattproof-input-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // The end of the name says that it is packed.
  const file = path.join(folder, /\.gz$/i.test(name) ? 'input.gz' : 'input')
  const source = name === '-' ? createReadStream('', { fd: 0 }) : createReadStream(name)
  try {
    await pipeline(source, createWriteStream(file, { mode: 0o600 }))
  } catch (error) {
    remove()
    throw localFileError(error, name)
  }
  return { name, path: file, remove }
}
