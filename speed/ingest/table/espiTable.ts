import { isUtf8 } from 'node:buffer'
import { NoGreenButtonError, XmlNotUtf8Error } from '../../../schemas/errors/table.ts'
import { type RefusalCase, type RefusalData, refuse } from '../refusal.ts'
import type { FoundEncoding } from './encoding.ts'
import { accumulations, flows, qualities, units } from './espiCodes.ts'
import { collectFeed, type Entry, type Feed, idIn, type ReadingType, typeOf } from './espiFeed.ts'
import { cellsOfInterval, intervalColumns } from './intervalRows.ts'
import { plainDecimal } from './plainDecimal.ts'
import { readXml, type XmlContext, type XmlHandlers } from './readXml.ts'
import type { Table, TableRefusal, TableRow } from './table.ts'
import { piecesOf, type TextReader } from './textReader.ts'

/**
 * Green Button data (ESPI, NAESB REQ.21) as rows of intervals, in the unit of its ReadingType and
 * with its power of ten. It is read twice: a ReadingType may follow its readings.
 *
 * @throws XmlError where it is not well formed, NoGreenButtonError where it is something else.
 */
export function espiTable(encoding: FoundEncoding): Table {
  const { reader } = encoding
  if (reader.encoding === 'utf-8' && !isUtf8(reader.bytes)) {
    throw new XmlNotUtf8Error()
  }
  const feed = readFeed(reader)
  const rows = () => readXml<TableRow | TableRefusal>(piecesOf(reader), collectReadings(feed))
  const hasReadings = feed.blocks > 0
  if (!hasReadings || rows().next().done) {
    throw new NoGreenButtonError({ root: feed.root, hasReadings })
  }
  const types = feed.readingTypes.size
  const why = `it has ${feed.blocks} interval blocks and ${types} reading types`
  return {
    format: 'espi-xml',
    encoding: reader.encoding,
    delimiter: null,
    headerLine: null,
    header: intervalColumns,
    evidence: [{ field: 'format', value: 'espi-xml', why }, encoding.evidence],
    preamble: [],
    rows,
  }
}

function readFeed(reader: TextReader): Feed {
  const feed: Feed = {
    root: '',
    blocks: 0,
    entries: [],
    meterReadings: new Map(),
    readingTypes: new Map(),
  }
  for (const _ of readXml<never>(piecesOf(reader), collectFeed(feed))) {
    // It emits nothing: the feed is what is collected.
  }
  return feed
}

type Reading = { readonly line: number; readonly members: Record<string, string> }

type Context = XmlContext<TableRow | TableRefusal>

function collectReadings(feed: Feed): (context: Context) => XmlHandlers {
  return (context) => {
    let entries = 0
    let block: Entry | undefined
    let type: ReadingType | null = null
    let reading: Reading | null = null
    let said: Record<string, string> = {}
    return {
      open(name) {
        if (name === 'entry') {
          block = feed.entries[entries++]
          type = typeOf(feed, block)
        }
        if (name === 'IntervalBlock') said = {}
        // Without a feed there are no entries, and at most one type.
        if (name === 'IntervalBlock' && !block) type = typeOf(feed, undefined)
        if (name !== 'IntervalReading') return
        reading = { line: context.line(), members: {} }
        context.keep()
      },
      close(name, text) {
        if (name !== 'IntervalReading') {
          const members = reading?.members ?? said
          members[name] = text.trim()
        } else if (reading) {
          const original = new TextEncoder().encode(context.taken())
          context.emit(rowOf({ reading, original, block, type, said }))
          reading = null
        }
      },
    }
  }
}

type Taken = {
  readonly reading: Reading
  readonly original: Uint8Array
  readonly block: Entry | undefined
  readonly type: ReadingType | null
  /** Members of the block itself: some utilities name the unit there, in words. */
  readonly said: Readonly<Record<string, string>>
}

function rowOf(taken: Taken): TableRow | TableRefusal {
  const { reading, original, block, type, said: ofBlock } = taken
  const { line, members } = reading
  const refused = <Case extends RefusalCase>(which: Case, ...data: RefusalData<Case>) => {
    return { line, ...refuse(which, ...data), original }
  }
  const unit = type?.uom ? named(units, type.uom, 'uom ') : ofBlock.unitOfMeasure
  if (!unit) return refused('no-reading-type')
  const start = members.start ?? ''
  if (!/^\d{1,11}$/.test(start)) return refused('espi-start', { text: start })
  const power = Number(type?.powerOfTenMultiplier || 0)
  if (!Number.isInteger(power)) {
    return refused('espi-power-of-ten', { text: type?.powerOfTenMultiplier ?? '' })
  }
  const said = members.value ?? ''
  // An empty value is a gap, not a mistake.
  const value = said === '' ? '' : plainDecimal(said, power)
  if (value === null) return refused('espi-value', { text: said })
  const cells = cellsOfInterval({
    start: new Date(Number(start) * 1000).toISOString().replace('.000Z', 'Z'),
    duration_s: members.duration || type?.intervalLength || ofBlock.secondsPerInterval || '',
    value,
    unit,
    quality: named(qualities, members.quality) || (members.readingQuality ?? '').toLowerCase(),
    meter: idIn(block, 'UsagePoint') || (ofBlock.servicePointId ?? ''),
    flow: named(flows, type?.flowDirection),
    accumulation: named(accumulations, type?.accumulationBehaviour),
    channel: idIn(block, 'MeterReading'),
    said_at: block?.updated ?? '',
  })
  return { line, cells, original }
}

/** A code without a name stays what it is; `constructor` is no name of ours. */
function named(names: Readonly<Record<string, string>>, code = '', prefix = ''): string {
  return Object.hasOwn(names, code) ? (names[code] ?? code) : `${prefix}${code}`
}
