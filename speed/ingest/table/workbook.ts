import { BinaryFileError, type BinaryFormat } from '../../../schemas/errors/binaryFile.ts'
import { TableTooLargeError } from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { type Archive, openArchive } from './archive.ts'
import { readXml, type XmlContext, type XmlHandlers } from './readXml.ts'
import { type DateKind, dateKindOf } from './sheetDates.ts'

export type Sheet = { readonly name: string; readonly path: string; readonly isHidden: boolean }

/** A workbook without its sheets, which are read one by one. */
export type Workbook = {
  readonly archive: Archive
  readonly sheets: readonly Sheet[]
  readonly is1904: boolean
  readonly texts: readonly string[]
  /** By the style of a cell: whether its number is a date, a time or both. */
  readonly dateKinds: readonly (DateKind | null)[]
}

/** @throws TableError where it is no workbook, or larger than the limits. */
export function openWorkbook(bytes: Uint8Array): Workbook {
  const archive = openArchive(bytes)
  const path = 'xl/workbook.xml'
  if (!archive.names.includes(path)) throw new BinaryFileError({ found: formatOf(archive.names) })
  const { sheets, is1904 } = readSheets(archive, path)
  return {
    archive,
    sheets,
    is1904,
    texts: [...readTexts(archive)],
    dateKinds: readDateKinds(archive),
  }
}

/** What handlers find in a part of the workbook; nothing where it has no such part. */
export function readPart<T>(
  archive: Archive,
  path: string,
  handlersOf: (context: XmlContext<T>) => XmlHandlers,
): Iterable<T> {
  return archive.names.includes(path) ? readXml(textOf(archive, path), handlersOf) : []
}

/** Parts are always UTF-8. */
function* textOf(archive: Archive, path: string): Generator<string, void> {
  const decoder = new TextDecoder('utf-8')
  for (const piece of archive.read(path)) yield decoder.decode(piece, { stream: true })
}

function formatOf(names: readonly string[]): BinaryFormat {
  if (names.includes('xl/workbook.bin')) return 'xlsb'
  return names.includes('content.xml') ? 'ods' : 'archive'
}

function readSheets(archive: Archive, path: string) {
  const targets = new Map<string, string>()
  const relations = readPart<[string, string]>(
    archive,
    'xl/_rels/workbook.xml.rels',
    ({ emit }) => ({
      open(name, { Id, Target }) {
        if (name === 'Relationship' && Id && Target) emit([Id, Target])
      },
      close() {},
    }),
  )
  for (const [id, target] of relations) {
    targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target}`)
  }
  let is1904 = false
  const found = readPart<Sheet>(archive, path, ({ emit }) => ({
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes.date1904 ?? '')
      if (name !== 'sheet') return
      const target = targets.get(attributes['r:id'] ?? '')
      const isHidden = (attributes.state ?? 'visible') !== 'visible'
      if (target) emit({ name: attributes.name ?? '', path: target, isHidden })
    },
    close() {},
  }))
  const sheets = [...found].filter(({ path: each }) => /worksheets\//.test(each))
  const max = tableLimits.sheetsMax
  if (sheets.length > max) {
    throw new TableTooLargeError({ what: 'The workbook', size: sheets.length, max, unit: 'files' })
  }
  return { sheets, is1904 }
}

/** Texts are kept once and numbered; a reading aid for Japanese is no part of them. */
function* readTexts(archive: Archive): Generator<string, void> {
  let count = 0
  let chars = 0
  const texts = readPart<string>(archive, 'xl/sharedStrings.xml', ({ emit }) => {
    let text = ''
    let isAid = false
    return {
      open(name) {
        if (name === 'si') text = ''
        if (name === 'rPh') isAid = true
      },
      close(name, part) {
        if (name === 'rPh') isAid = false
        if (name === 't' && !isAid) text += part
        if (name === 'si') emit(text)
      },
    }
  })
  const { sharedTextsMax, sharedCharsMax } = tableLimits
  for (const text of texts) {
    count++
    chars += text.length
    check(count, sharedTextsMax, 'texts')
    check(chars, sharedCharsMax, 'bytes')
    yield text
  }
}

function check(size: number, max: number, unit: 'texts' | 'bytes'): void {
  const what = 'The list of texts of the workbook'
  if (size > max) throw new TableTooLargeError({ what, size, max, unit })
}

function readDateKinds(archive: Archive): (DateKind | null)[] {
  const formats = new Map<number, string>()
  let isCellStyles = false
  const ids = readPart<number>(archive, 'xl/styles.xml', ({ emit }) => ({
    open(name, { numFmtId, formatCode }) {
      if (name === 'numFmt') formats.set(Number(numFmtId), formatCode ?? '')
      if (name === 'cellXfs') isCellStyles = true
      if (name === 'xf' && isCellStyles) emit(Number(numFmtId ?? 0))
    },
    close(name) {
      if (name === 'cellXfs') isCellStyles = false
    },
  }))
  return [...ids].map((id) => dateKindOf(id, formats.get(id)))
}
