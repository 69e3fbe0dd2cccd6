import type { XmlContext, XmlHandlers } from './readXml.ts'

/** Members of a ReadingType: `uom`, `powerOfTenMultiplier`, `flowDirection` and so on. */
export type ReadingType = Readonly<Record<string, string>>

/** An entry of the Atom feed by its links, which say what belongs together. */
export type Entry = {
  self: string
  up: string
  readonly related: string[]
  title: string
  updated: string
}

/** What must be known before readings are read, as it may follow them in the file. */
export type Feed = {
  /** Name of the outermost element. */
  root: string
  blocks: number
  /** In the order of the file, all kinds. */
  readonly entries: Entry[]
  readonly meterReadings: Entry[]
  readonly readingTypes: Map<string, ReadingType>
}

/** Collects the feed; emits nothing. */
export function collectFeed(feed: Feed): (context: XmlContext<never>) => XmlHandlers {
  return () => {
    let entry = startEntry()
    let type: Record<string, string> | null = null
    return {
      open(name, attributes) {
        feed.root ||= name
        if (name === 'entry') entry = startEntry()
        if (name === 'ReadingType') type = {}
        if (name === 'IntervalBlock') feed.blocks++
        if (name === 'link') addLink(entry, attributes)
      },
      close(name, text) {
        if (name === 'title') entry.title = text.trim()
        if (name === 'updated') entry.updated = text.trim()
        if (name === 'MeterReading') feed.meterReadings.push(entry)
        if (name === 'entry') feed.entries.push(entry)
        if (name === 'ReadingType' && type) {
          feed.readingTypes.set(entry.self, type)
          type = null
        } else if (type) type[name] = text.trim()
      },
    }
  }
}

function startEntry(): Entry {
  return { self: '', up: '', related: [], title: '', updated: '' }
}

function addLink(entry: Entry, { rel, href = '' }: Readonly<Record<string, string>>): void {
  const address = href.replace(/\/$/, '')
  if (rel === 'self') entry.self = address
  if (rel === 'up') entry.up = address
  if (rel === 'related') entry.related.push(address)
}

/** The ReadingType of a block of intervals; the only one of a file needs no link. */
export function typeOf(feed: Feed, block: Entry | undefined): ReadingType | null {
  const { readingTypes, meterReadings } = feed
  const reading = meterReadings.find(({ self, related }) => {
    return block && (related.includes(block.up) || (self && block.up.startsWith(`${self}/`)))
  })
  const linked = reading?.related.find((each) => readingTypes.has(each))
  if (linked !== undefined) return readingTypes.get(linked) ?? null
  return readingTypes.size === 1 ? ([...readingTypes.values()][0] ?? null) : null
}

/** The identifier behind a collection in the address of an entry: `…/UsagePoint/7/…`. */
export function idIn(entry: Entry | undefined, collection: string): string {
  const address = entry ? entry.self || entry.up : ''
  const id = new RegExp(`/${collection}/([^/?#]+)`).exec(address)?.[1] ?? ''
  try {
    return decodeURIComponent(id)
  } catch {
    // Not swallowed: what is not percent-encoded is the identifier as it is.
    return id
  }
}
