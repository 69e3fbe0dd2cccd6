import { LineTooLongError } from '../../schemas/errors/input.ts'
import { ingestLimits } from './limits.ts'
import { splitLines } from './splitLines.ts'

export type ChunkLinesOptions = {
  /** The first line names the columns and is repeated in every chunk. */
  readonly hasHeader: boolean
  /** Readings per line: 1, or the series of a wide file (`'wide'`: counted in the header). */
  readonly readingsPerLine: number | 'wide'
  readonly readingsMax?: number
  readonly bytesMax?: number
}

export type Chunk = {
  /** A complete body, header included. */
  readonly body: Uint8Array
  /** Lines before this chunk without the header: row 0 of the response is this line. */
  readonly firstLine: number
  readonly lines: number
  /** By row of the response, its line in the stream: from 1, with the header and blank lines. */
  readonly lineNumbers: readonly number[]
}

/**
 * Splits a stream of CSV or NDJSON lazily into requests within the limits of `POST /readings`:
 * only one chunk and one piece of the stream are in memory. The same stream gives the same chunks
 * whatever its pieces, so that a chunk resent under its idempotency key is the same chunk.
 *
 * @throws InvalidArgumentError for a line longer than the limit of a chunk.
 */
export async function* chunkLines(
  source: AsyncIterable<Uint8Array>,
  options: ChunkLinesOptions,
): AsyncGenerator<Chunk> {
  const bytesMax = options.bytesMax ?? ingestLimits.bytesMax / 4
  let header: Uint8Array = new Uint8Array()
  let linesMax = linesMaxOf(options, '')
  let isHeaderRead = !options.hasHeader
  let chunk = startChunk(0)
  for await (const { line, number } of linesOf(source, bytesMax)) {
    if (!isHeaderRead) {
      header = line
      isHeaderRead = true
      linesMax = linesMaxOf(options, new TextDecoder().decode(line))
      continue
    }
    const isFull = chunk.lines.length >= linesMax || chunk.bytes + line.length > bytesMax
    if (isFull && chunk.lines.length > 0) {
      yield finishChunk(chunk, header)
      chunk = startChunk(chunk.firstLine + chunk.lines.length)
    }
    chunk.lines.push(line)
    chunk.lineNumbers.push(number)
    chunk.bytes += line.length
  }
  if (chunk.lines.length > 0) yield finishChunk(chunk, header)
}

type OpenChunk = {
  readonly firstLine: number
  readonly lines: Uint8Array[]
  readonly lineNumbers: number[]
  bytes: number
}

type NumberedLine = { readonly line: Uint8Array; readonly number: number }

function startChunk(firstLine: number): OpenChunk {
  return { firstLine, lines: [], lineNumbers: [], bytes: 0 }
}

function finishChunk(chunk: OpenChunk, header: Uint8Array): Chunk {
  const body = new Uint8Array(header.length + chunk.bytes)
  body.set(header)
  let at = header.length
  for (const line of chunk.lines) {
    body.set(line, at)
    at += line.length
  }
  const { firstLine, lineNumbers } = chunk
  return { body, firstLine, lines: chunk.lines.length, lineNumbers }
}

function linesMaxOf(options: ChunkLinesOptions, header: string): number {
  const { readingsPerLine, readingsMax = ingestLimits.rowsMax / 5 } = options
  const perLine = readingsPerLine === 'wide' ? header.split(',').length - 1 : readingsPerLine
  return Math.max(1, Math.floor(readingsMax / Math.max(1, perLine)))
}

/** Non-empty lines, each ending with one line feed. */
async function* linesOf(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<NumberedLine> {
  let rest: Uint8Array = new Uint8Array()
  let before = 0
  for await (const piece of source) {
    const joined = concat(rest, piece)
    const cut = joined.lastIndexOf(lineFeed) + 1
    const whole = joined.subarray(0, cut)
    yield* numberLines(whole, before)
    before += countFeeds(whole)
    rest = joined.slice(cut)
    if (rest.length > bytesMax) throw new LineTooLongError({ bytesMax })
  }
  yield* numberLines(rest, before)
}

/** @param before lines of the stream before these bytes. */
function* numberLines(bytes: Uint8Array, before: number): Generator<NumberedLine> {
  let number = before + 1
  let seen = 0
  for (const { original } of splitLines(bytes)) {
    const at = original.byteOffset - bytes.byteOffset
    number += countFeeds(bytes.subarray(seen, at))
    seen = at
    yield { line: concat(original, lineEnd), number }
  }
}

function countFeeds(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count++
  return count
}

const lineFeed = 10
const lineEnd = new Uint8Array([lineFeed])

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length)
  bytes.set(left)
  bytes.set(right, left.length)
  return bytes
}
