import { createReadStream, readFileSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { FileUnreadableError } from '../../schemas/errors/commandLine.ts'
import {
  isFolderError,
  isTooLargeError,
  localFileBytesMax,
  localFileError,
} from '../../schemas/errors/localFile.ts'

/**
 * The bytes of a file, unpacked where its name ends in `.gz`; `-` is standard input.
 *
 * @throws LocalFileError when it cannot be read, or is larger than `localFileBytesMax`.
 */
export function readLocalFile(file: string): Buffer {
  return naming(file, () => {
    const bytes = readFileSync(file === '-' ? 0 : file)
    if (/\.gz$/i.test(file)) return gunzipSync(bytes, { maxOutputLength: localFileBytesMax })
    if (bytes.length > localFileBytesMax) throw isTooLargeError(file)
    return bytes
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
  /** The name as it was given. */
  readonly name: string
  /** Unpacked where the name ends in `.gz`; iterating throws LocalFileError. Read once. */
  readonly pieces: AsyncIterable<Uint8Array>
  /** The first pieces, up to one that is enough. They come again in `pieces`. */
  readHead(isEnough: (piece: Uint8Array) => boolean): Promise<readonly Uint8Array[]>
  /** Bytes read from the file so far, packed. */
  bytesRead(): number
  close(): void
}

/**
 * A file as a stream: memory does not grow with it. Errors surface where it is iterated. It is
 * opened once: what was read of a pipe does not come again.
 *
 * @param file `-` is standard input.
 */
export function openLocalFile(file: string): OpenFile {
  const source = file === '-' ? createReadStream('', { fd: 0 }) : createReadStream(file)
  // `pipe` would leave an error of the file without a listener, which ends the process.
  const bytes = /\.gz$/i.test(file) ? pipeline(source, createGunzip(), () => {}) : source
  const unread = namingPieces(file, bytes)
  const head: Uint8Array[] = []
  const pieces = async function* () {
    yield* head.splice(0)
    yield* unread
  }
  return {
    name: file,
    pieces: pieces(),
    async readHead(isEnough) {
      // What an earlier look has read is looked at first: a slow pipe may have no more yet.
      if (head.some(isEnough)) return head
      for (;;) {
        const { value, done } = await unread.next()
        if (done) return head
        head.push(value)
        if (isEnough(value)) return head
      }
    },
    bytesRead: () => source.bytesRead,
    close: () => void source.destroy(),
  }
}

async function* namingPieces(
  file: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* pieces
  } catch (error) {
    throw localFileError(error, file)
  }
}

/**
 * In bytes, packed; null where it shows only at the end: of a pipe, of standard input (`-`).
 *
 * @throws LocalFileError when there is no such file, or it is a folder.
 */
export function sizeOfLocalFile(file: string): number | null {
  if (file === '-') return null
  return naming(file, () => {
    const found = statSync(file)
    if (found.isDirectory()) throw isFolderError(file)
    return found.isFile() ? found.size : null
  })
}

function naming<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw localFileError(error, file)
  }
}
