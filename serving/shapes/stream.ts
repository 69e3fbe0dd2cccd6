import * as z from 'zod'
import { anchor } from './chain.ts'
import { event } from './events.ts'
import { status } from './status.ts'
import { deviationRow, groupRow } from './views.ts'

/**
 * The messages of `GET /stream`: `event:` is the key, `data:` the JSON of the shape.
 *
 * Open the stream first and fetch afterwards, so that nothing is missed. A client that reconnects
 * with `Last-Event-ID` gets what it missed, or `reset` when that is no longer stored: then it
 * fetches again.
 */
export const streamMessages = {
  /** First message: the current `status`, then each change. */
  status,
  /** Group rows that are new or have changed. */
  deviations: z.object({ rows: z.array(groupRow) }),
  /** New rows outside the band: each with the token, counts per group without. */
  exceptions: z.union([
    z.object({ rows: z.array(deviationRow) }),
    z.object({ counts: z.record(z.string(), z.int()) }),
  ]),
  /** Events whose state has advanced. */
  events: z.object({ events: z.array(event) }),
  /** Settlements whose state has advanced. */
  anchors: z.object({ anchors: z.array(anchor) }),
  reset: z.object({ sentence: z.string() }),
} as const

export type StreamTopic = keyof typeof streamMessages
export const streamTopics = Object.keys(streamMessages) as readonly StreamTopic[]
