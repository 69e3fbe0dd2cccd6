import { Unzip, type UnzipFile, UnzipInflate, unzipSync } from 'fflate'
import { ArchiveError, TableTooLargeError } from '../../../schemas/errors/table.ts'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { tableLimits } from '../limits.ts'

export type Archive = {
  readonly names: readonly string[]
  /** The unpacked bytes of a file, in pieces of at most some MB. Empty where there is none. */
  read(name: string): Generator<Uint8Array, void>
}

/** Packed bytes at a time: deflate makes at most 1,032 times as many of them. */
const pieceBytes = 8 << 10

/**
 * A zip archive whose files are unpacked while they are read, and never more of them than the
 * limit: what its directory says of their sizes is not believed.
 *
 * @throws ArchiveError, TableTooLargeError
 */
export function openArchive(bytes: Uint8Array): Archive {
  const names = naming(() => listNames(bytes))
  return { names, read: (name) => inflate(bytes, name) }
}

function listNames(bytes: Uint8Array): string[] {
  const names: string[] = []
  unzipSync(bytes, {
    filter({ name }) {
      names.push(name)
      const max = tableLimits.archiveFilesMax
      if (names.length <= max) return false
      throw new TableTooLargeError({ what: 'The archive', size: names.length, max, unit: 'files' })
    },
  })
  return names
}

function* inflate(bytes: Uint8Array, name: string): Generator<Uint8Array, void> {
  const state = { ready: [] as Uint8Array[], size: 0, isDone: false }
  const unzip = new Unzip((file) => {
    if (file.name === name) start(file, state)
  })
  unzip.register(UnzipInflate)
  for (let at = 0; at < bytes.length && !state.isDone; at += pieceBytes) {
    const end = at + pieceBytes
    naming(() => unzip.push(bytes.subarray(at, end), end >= bytes.length))
    yield* state.ready.splice(0)
  }
}

type State = { readonly ready: Uint8Array[]; size: number; isDone: boolean }

function start(file: UnzipFile, state: State): void {
  file.ondata = (error, piece, isLast) => {
    if (error) throw error
    state.size += piece.length
    const max = tableLimits.unpackedBytesMax
    if (state.size > max) {
      throw new TableTooLargeError({ what: file.name, size: state.size, max, unit: 'bytes' })
    }
    if (piece.length > 0) state.ready.push(piece)
    state.isDone = isLast
  }
  file.start()
}

function naming<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error
    const reason = (error as Error).message
    throw new ArchiveError({ what: 'The archive', reason }, error)
  }
}
