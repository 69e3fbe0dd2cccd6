import { createReadStream, readFileSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { FileUnreadableError } from '../../schemas/errors/commandLine.ts'
import { isFolderError, localFileError } from '../../schemas/errors/localFile.ts'

/**
 * The bytes of a file, unpacked where its name ends in `.gz`; `-` is standard input.
 *
 * @throws LocalFileError when it cannot be read.
 */
export function readLocalFile(file: string): Buffer {
  return naming(file, () => {
    const bytes = readFileSync(file === '-' ? 0 : file)
    return file.endsWith('.gz') ? gunzipSync(bytes) : bytes
  })
}

/** @throws LocalFileError when it cannot be read, FileUnreadableError when it is no JSON. */
export function readLocalJson(
  file: string,
  parse: (text: string) => unknown = JSON.parse,
): unknown {
  const text = readLocalFile(file).toString('utf8')
  try {
    return parse(text)
  } catch (error) {
    throw new FileUnreadableError({ file, as: 'JSON' }, error)
  }
}

export type OpenFile = {
  /** Unpacked where the name ends in `.gz`; iterating throws LocalFileError. */
  readonly pieces: AsyncIterable<Uint8Array>
  /** Bytes read from the file so far, packed. */
  bytesRead(): number
}

/** A file as a stream: memory does not grow with it. Errors surface where it is iterated. */
export function openLocalFile(file: string): OpenFile {
  const source = createReadStream(file)
  // `pipe` would leave an error of the file without a listener, which ends the process.
  const bytes = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => {}) : source
  const pieces = async function* () {
    try {
      yield* bytes
    } catch (error) {
      throw localFileError(error, file)
    }
  }
  return { pieces: pieces(), bytesRead: () => source.bytesRead }
}

/** In bytes, packed. @throws LocalFileError when there is no such file, or it is a folder. */
export function sizeOfLocalFile(file: string): number {
  return naming(file, () => {
    const found = statSync(file)
    if (found.isDirectory()) throw isFolderError(file)
    return found.size
  })
}

function naming<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw localFileError(error, file)
  }
}
