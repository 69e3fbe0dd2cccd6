import { LineTooLongError } from '../../schemas/errors/input.ts'
import { isTooLargeError, localFileBytesMax } from '../../schemas/errors/localFile.ts'
import { type FileRead, type ReadFileOptions, readFile } from '../../speed/ingest/body/readFile.ts'
import type { EnrolledZones } from '../../speed/ingest/profile/chooseZone.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import type { CarriedRegisters, OtherTable } from '../../speed/ingest/profile/reading.ts'
import { countLineEnds, isCutByLines } from '../../speed/ingest/table/cutLines.ts'
import type { OpenFile } from './localFiles.ts'

export type PartsOptions = {
  readonly profile: Profile
  readonly nowMs: number
  /** Size of a part, and of what is read again on either side of it. */
  readonly partBytes?: number
  readonly besideBytes?: number
  /** Asked once stamps need a zone that is not said. */
  readonly zones?: (() => Promise<EnrolledZones>) | undefined
}

/** Size of a part, without what is read again beside it. */
export const partBytes = 4 << 20

/**
 * A file in parts, so that memory does not grow with it; each is read by what was found in the
 * first one.
 *
 * A part is read with the lines before and after it, which say the step of its series and the order
 * of its repeated hour; only its own rows are in the answer. Its first registers are differenced to
 * the last ones before it, however far away those are. What is not cut by line feeds (a
 * workbook, XML, UTF-16) is one part, up to `localFileBytesMax`.
 *
 * @throws InvalidArgumentError where the file, or a part of it, cannot be read as a whole.
 */
export async function* readParts(
  source: OpenFile,
  options: PartsOptions,
): AsyncGenerator<FileRead> {
  const { profile, partBytes: size = partBytes, besideBytes = 512 << 10 } = options
  const readPart = openPartReader(options)
  const pieces = source.pieces[Symbol.asyncIterator]()
  let window: Uint8Array = new Uint8Array()
  let isEnd = false
  const fill = async (bytes: number) => {
    const parts = [window]
    let length = window.length
    while (!isEnd && length < bytes) {
      const { value, done } = await pieces.next()
      if (done) isEnd = true
      else {
        parts.push(value)
        length += value.length
      }
    }
    if (parts.length > 1) window = Buffer.concat(parts)
  }
  /** Where the line ends that is at an offset, or the file. */
  const fillLine = async (at: number) => {
    await fill(at)
    while (!isEnd && !window.includes(lineFeed, at - 1)) await fill(twice(window.length))
    return window.indexOf(lineFeed, at - 1) + 1 || window.length
  }
  await fill(size + besideBytes)
  if (!isEnd && !isCutByLines(window)) {
    await fill(localFileBytesMax + 1)
    if (window.length > localFileBytesMax) throw isTooLargeError(source.name)
  }
  if (isEnd) {
    yield await readPart(window, { profile })
    return
  }
  let head: Head = { bytes: new Uint8Array(), lines: 0, profile }
  /** Where the part begins within the window, and the lines of the file before the window. */
  let from = 0
  let linesBefore = 0
  let carried: CarriedRegisters = new Map()
  let otherTable: OtherTable | null = null
  for (;;) {
    const own = await fillLine(from + size)
    const until = await fillLine(own + besideBytes)
    // What is left would be read without the lines beside it, such as those of its step.
    const isLast = isEnd && until === window.length
    const to = isLast ? until : own
    const bytes = Buffer.concat([head.bytes, window.subarray(0, until)])
    const read = await readPart(bytes, {
      ...{ profile: head.profile, carried, otherTable, isPart: true },
    })
    const shift = linesBefore - head.lines
    const first = linesBefore + countLineEnds(window.subarray(0, from)) + 1
    const count = isLast ? Number.POSITIVE_INFINITY : countLineEnds(window.subarray(from, to))
    const last = first - 1 + count
    yield ownRows(read, { shift, first, last })
    if (isLast) return
    const kept = startOfLine(window, to - besideBytes)
    const linesKept = countLineEnds(window.subarray(0, kept))
    const lastLine = linesKept + head.lines
    carried = read.carriedTo(lastLine)
    if (read.otherTable && read.otherTable.line <= lastLine) otherTable = read.otherTable
    if (linesBefore === 0 && from === 0) head = headOf(window, read)
    linesBefore += linesKept
    window = window.slice(kept)
    from = to - kept
  }
}

/** @throws LineTooLongError */
function twice(bytes: number): number {
  if (bytes > localFileBytesMax) throw new LineTooLongError({ bytesMax: localFileBytesMax })
  return 2 * bytes
}

type PartOptions = Omit<ReadFileOptions, 'nowMs' | 'enrolled'>

/** Reads all parts of a file in one zone. */
function openPartReader({ nowMs, zones }: PartsOptions) {
  let enrolled: EnrolledZones | undefined
  return async (bytes: Uint8Array, part: PartOptions): Promise<FileRead> => {
    let read = readFile(bytes, { ...part, nowMs, enrolled })
    if (read.zone === null || read.zone.by === 'said' || !zones) return read
    if (!enrolled) {
      enrolled = await zones()
      read = readFile(bytes, { ...part, nowMs, enrolled })
    }
    if (read.zone) enrolled = { ...enrolled, taken: read.zone.name }
    return read
  }
}

type Head = { readonly bytes: Uint8Array; readonly lines: number; readonly profile: Profile }

/** What comes before every other part: the line that names the columns. */
function headOf(window: Uint8Array, { headerLine, pinned }: FileRead): Head {
  const hasHeader = headerLine !== null
  const bytes = hasHeader ? lineAt(window, headerLine) : new Uint8Array()
  const isTable = pinned.headerRow !== undefined
  const headerRow = hasHeader ? 1 : 0
  return { bytes, lines: hasHeader ? 1 : 0, profile: isTable ? { ...pinned, headerRow } : pinned }
}

function lineAt(bytes: Uint8Array, line: number): Uint8Array {
  let from = 0
  for (let number = 1; number < line; number++) from = bytes.indexOf(lineFeed, from) + 1
  return bytes.subarray(from, bytes.indexOf(lineFeed, from) + 1)
}

const lineFeed = 10

/** Where the line begins that an offset is within, or at the start of. */
function startOfLine(bytes: Uint8Array, at: number): number {
  return at <= 0 ? 0 : bytes.lastIndexOf(lineFeed, at - 1) + 1
}

type Own = { readonly shift: number; readonly first: number; readonly last: number }

function ownRows(read: FileRead, { shift, first, last }: Own): FileRead {
  const isOwn = (line: number) => line + shift >= first && line + shift <= last
  const ownOf = (all: FileRead['rows']) => {
    return all
      .filter(({ row }) => isOwn(row.place.line))
      .map(({ row, outcome }) => {
        const place = { ...row.place, line: row.place.line + shift }
        return { row: { ...row, place }, outcome }
      })
  }
  const gapsOf = (all: FileRead['gaps']) => all.filter(({ line }) => isOwn(line))
  const rows = ownOf(read.rows)
  const { said } = read
  return {
    ...read,
    rows,
    gaps: gapsOf(read.gaps),
    said: said && { rows: ownOf(said.rows), gaps: gapsOf(said.gaps) },
    understood: { ...read.understood, ...read.summaryOf(rows) },
    totals: read.totals
      .filter(({ line }) => isOwn(line))
      .map((total) => ({ ...total, line: total.line + shift })),
  }
}
