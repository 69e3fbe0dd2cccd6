import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { toJson } from '../../../schemas/units.ts'
import { describeEvent } from '../../merge/describeEvent.ts'
import { isOpenSum } from '../../merge/isOpenSum.ts'
import { type CellRow, toCells } from '../../merge/toCells.ts'
import { viewNamed } from '../../merge/viewCatalogue.ts'
import type { Anchor } from '../../shapes/chain.ts'
import type { Event } from '../../shapes/events.ts'
import type { StreamTopic } from '../../shapes/stream.ts'
import type { ApiContext } from '../read/apiPorts.ts'
import { queryView } from '../read/queryView.ts'
import { withoutRefusals } from '../read/readChain.ts'
import type { StreamUpdate } from './streamHub.ts'

export type UpdatePorts = Pick<
  ApiContext,
  'views' | 'clock' | 'events' | 'chainReader' | 'readStatus' | 'limits'
>

export type UpdateReader = {
  /** The changes since the last call, in the order to send them. */
  read(): Promise<readonly { readonly topic: StreamTopic; readonly updates: StreamUpdate }[]>
}

const hourMs = 3_600_000
const rowsMax = 2_000
const eventsMax = 50

/**
 * Compares what the views show now with what they showed before.
 *
 * The first call returns the status and takes the rest as known: clients fetch that themselves.
 */
export function createUpdateReader(ports: UpdatePorts): UpdateReader {
  const seen = {
    status: createChanges<object>(),
    deviations: createChanges<CellRow>(),
    exceptions: createChanges<CellRow>(),
    events: createChanges<Event>(),
    anchors: createChanges<Anchor>(),
  }
  let isFirst = true
  return {
    async read() {
      const [status, rows, outside, progresses, anchors] = await Promise.all([
        ports.readStatus(),
        readRows(ports, 'group'),
        readRows(ports, 'exceptions'),
        readEvents(ports),
        readAnchors(ports),
      ])
      const { now: _, lagMs: __, ...lasting } = status
      const changed = {
        status: seen.status.of([{ key: 'status', value: lasting }]).length > 0,
        deviations: seen.deviations.of(rows),
        exceptions: seen.exceptions.of(outside),
        events: seen.events.of(progresses),
        anchors: anchors === null ? [] : seen.anchors.of(anchors),
      }
      const updates: { topic: StreamTopic; updates: StreamUpdate }[] = []
      const tell = (topic: StreamTopic, of: StreamUpdate) => updates.push({ topic, updates: of })
      if (changed.status) tell('status', { open: status })
      if (!isFirst) {
        if (changed.deviations.length > 0) tell('deviations', updatesOfRows(changed.deviations))
        if (changed.exceptions.length > 0) {
          tell('exceptions', updatesOfExceptions(changed.exceptions, rows))
        }
        if (changed.events.length > 0) tell('events', { open: { events: changed.events } })
        if (changed.anchors.length > 0) tell('anchors', updatesOfAnchors(changed.anchors))
      }
      isFirst = false
      return updates
    },
  }
}

type Keyed<Value> = { readonly key: string; readonly value: Value }

/** Remembers the last rows; returns those that are new or changed. */
function createChanges<Value>() {
  let before = new Map<string, string>()
  return {
    of(now: readonly Keyed<Value>[]): readonly Value[] {
      const after = new Map<string, string>()
      const changed = now.filter(({ key, value }) => {
        const text = toJson(value)
        after.set(key, text)
        return before.get(key) !== text
      })
      before = after
      return changed.map(({ value }) => value)
    },
  }
}

/** Rows of the last hours on the installation's clock, or before the watermark where that lags. */
async function readRows(
  { views, clock, readStatus }: UpdatePorts,
  name: 'group' | 'exceptions',
): Promise<Keyed<CellRow>[]> {
  const view = viewNamed(name)
  const nowMs = clock.nowMs()
  const { watermark } = await readStatus()
  const reachedMs = watermark === null ? nowMs : Math.min(nowMs, Date.parse(watermark))
  const range = { from_ms: reachedMs - 3 * hourMs, to_ms: nowMs + hourMs }
  const rows = await queryView(views, view.query, { ...range, limit: rowsMax })
  return rows.map((row) => {
    const value = toCells(view.columns, row)
    return { key: `${value.group}/${value.meter ?? ''}/${value.start}`, value }
  })
}

async function readEvents({ events }: UpdatePorts): Promise<Keyed<Event>[]> {
  const [listed, settlementNumbers] = await Promise.all([
    events.list(eventsMax),
    events.settlementNumbers(),
  ])
  return listed.map((progress) => {
    const settlementNumber = settlementNumbers.get(progress.event.id) ?? null
    const value = describeEvent({ progress, settlementNumber, isTrusted: false })
    return { key: value.id, value }
  })
}

/** Null while the chain does not answer: the status reports it, and other updates continue. */
async function readAnchors({ chainReader }: UpdatePorts): Promise<Keyed<Anchor>[] | null> {
  try {
    const { anchors } = await chainReader.anchors()
    return anchors.map((value) => ({ key: String(value.period), value }))
  } catch (error) {
    if (error instanceof RetryableError) return null
    throw error
  }
}

function updatesOfRows(rows: readonly CellRow[]): StreamUpdate {
  const open = rows.filter((row) => isOpenSum(Number(row.members)))
  return { open: { rows: open }, trusted: { rows } }
}

/** Counts per group, for groups whose sums are public. */
function updatesOfExceptions(
  rows: readonly CellRow[],
  groups: readonly Keyed<CellRow>[],
): StreamUpdate {
  const open = new Set(
    groups.filter(({ value }) => isOpenSum(Number(value.members))).map(({ value }) => value.group),
  )
  const counts: Record<string, number> = {}
  for (const row of rows) {
    for (const group of String(row.group).split(' ')) {
      if (open.has(group)) counts[group] = (counts[group] ?? 0) + 1
    }
  }
  return { open: { counts }, trusted: { rows } }
}

function updatesOfAnchors(anchors: readonly Anchor[]): StreamUpdate {
  return { open: { anchors: withoutRefusals(anchors) }, trusted: { anchors } }
}
