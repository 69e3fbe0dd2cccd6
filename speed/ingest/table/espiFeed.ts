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
  /** By their own addresses and those that they name as related, such as their blocks. */
  readonly meterReadings: Map<string, Entry>
  readonly readingTypes: Map<string, ReadingType>
}

/** Collects the feed; emits nothing. */
export function collectFeed(feed: Feed): (context: XmlContext<never>) => XmlHandlers {
  return () => {
    let entry = startEntry()
    let type: Record<string, string> | null = null
    let isMeterReading = false
    return {
      open(name, attributes) {
        feed.root ||= name
        if (name === 'entry') {
          entry = startEntry()
          isMeterReading = false
        }
        if (name === 'ReadingType') type = {}
        if (name === 'IntervalBlock') feed.blocks++
        if (name === 'link') addLink(entry, attributes)
      },
      close(name, text) {
        if (name === 'title') entry.title = text.trim()
        if (name === 'updated') entry.updated = text.trim()
        if (name === 'MeterReading') isMeterReading = true
        if (name === 'entry') {
          feed.entries.push(entry)
          if (isMeterReading) addMeterReading(feed, entry)
        }
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

function addMeterReading({ meterReadings }: Feed, entry: Entry): void {
  for (const address of [entry.self, ...entry.related]) {
    // A reading type is related to every reading of its kind, so it leads to none.
    if (address !== '' && !/(^|\/)ReadingType\b/.test(address)) meterReadings.set(address, entry)
  }
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
  const up = block?.up ?? ''
  const reading = meterReadings.get(up) ?? meterReadings.get(up.slice(0, up.lastIndexOf('/')))
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
