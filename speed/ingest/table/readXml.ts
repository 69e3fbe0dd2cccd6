import { SaxesParser } from 'saxes'
import { DocumentTypeError, TableTooLargeError, XmlError } from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'

/** What is done with the elements of a document; names are without their prefix. */
export type XmlHandlers = {
  open(name: string, attributes: Readonly<Record<string, string>>): void
  /** `text` is the text directly within the element. */
  close(name: string, text: string): void
}

/** For handlers: what they emit, and where in the document they are. */
export type XmlContext<T> = {
  emit(item: T): void
  /** Line of the document, from 1. */
  line(): number
  /** Call it in `open`: from here on the source is kept, until `taken` answers with it. */
  keep(): void
  taken(): string
}

/**
 * Reads a document piece by piece and yields what the handlers emit: neither a tree nor the text is
 * kept. Only the five entities of XML and numbered characters are known.
 *
 * @throws XmlError where it is not well formed, DocumentTypeError, TableTooLargeError.
 */
export function* readXml<T>(
  pieces: Iterable<string>,
  handlersOf: (context: XmlContext<T>) => XmlHandlers,
): Generator<T, void> {
  const parser = new SaxesParser()
  const source = createSource()
  let items: T[] = []
  const handlers = handlersOf({
    emit: (item) => void items.push(item),
    line: () => parser.line,
    keep: () => source.keepFrom(parser.position),
    taken: () => source.takeTo(parser.position),
  })
  attach(parser, handlers)
  for (const piece of pieces) {
    source.add(piece)
    parser.write(piece)
    const ready = items
    items = []
    yield* ready
  }
  parser.close()
  yield* items
}

function attach(parser: SaxesParser, handlers: XmlHandlers): void {
  const texts: string[] = []
  const addText = (text: string) => {
    const all = (texts.pop() ?? '') + text
    texts.push(all)
    checkSize('An element', all.length, 'xmlTextCharsMax')
  }
  parser.on('error', ({ message }) => {
    const reason = message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
    throw new XmlError({ line: parser.line, reason })
  })
  parser.on('doctype', () => {
    throw new DocumentTypeError({ line: parser.line })
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('opentag', ({ name, attributes }) => {
    texts.push('')
    if (texts.length > tableLimits.xmlDepthMax) {
      const max = tableLimits.xmlDepthMax
      throw new TableTooLargeError({ what: 'The XML', size: texts.length, max, unit: 'levels' })
    }
    handlers.open(localName(name), attributes)
  })
  parser.on('closetag', ({ name }) => handlers.close(localName(name), texts.pop() ?? ''))
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function checkSize(what: string, size: number, limit: 'xmlTextCharsMax'): void {
  const max = tableLimits[limit]
  if (size > max) throw new TableTooLargeError({ what, size, max, unit: 'bytes' })
}

/** The part of a document that a handler keeps; no more than the last piece otherwise. */
function createSource() {
  let text = ''
  let start = 0
  let kept: number | null = null
  return {
    add(piece: string) {
      const from = kept === null ? text.length : kept - start
      text = text.slice(from) + piece
      start += from
      checkSize('An element', text.length - piece.length, 'xmlTextCharsMax')
    },
    /** @param position behind the opening tag. */
    keepFrom(position: number) {
      kept = start + Math.max(0, text.lastIndexOf('<', position - start - 1))
    },
    takeTo(position: number): string {
      const from = kept ?? position
      kept = null
      return text.slice(from - start, position - start)
    },
  }
}
