import { readToken, watchToken, writeToken } from './api.ts'
import { type FollowedStream, followStream } from './followStream.ts'

/** The live stream: one connection for all pages, which reconnects by itself. */
type Listener = (data: unknown) => void

export type StreamState = { readonly isOpen: boolean; readonly brokenSince: Date | null }

const listeners = new Map<string, Set<Listener>>()
const watchers = new Set<(state: StreamState) => void>()
let followed: FollowedStream | null = null
let state: StreamState = { isOpen: false, brokenSince: null }

/** Calls `listener` for each message of a topic; the returned function stops it. */
export function onStream(topic: string, listener: Listener): () => void {
  const set = listeners.get(topic) ?? new Set<Listener>()
  listeners.set(topic, set.add(listener))
  connect()
  return () => {
    set.delete(listener)
  }
}

export function watchStream(watcher: (state: StreamState) => void): () => void {
  watchers.add(watcher)
  watcher(state)
  return () => {
    watchers.delete(watcher)
  }
}

function connect(): void {
  if (followed) return
  followed = followStream({
    url: '/api/v1/stream',
    readToken,
    onMessage: forward,
    onOpen(isSeamless) {
      tell({ isOpen: true, brokenSince: null })
      // Without a last id, what was missed is fetched.
      if (!isSeamless) forward('reset', null)
    },
    onBroken(status) {
      tell({ isOpen: false, brokenSince: state.brokenSince ?? new Date() })
      // The installation has a new token: without it the public stream goes on.
      if (status === 401) writeToken(null)
    },
  })
  watchToken(() => followed?.restart())
}

function forward(topic: string, data: unknown): void {
  for (const listener of listeners.get(topic) ?? []) listener(data)
}

function tell(next: StreamState): void {
  state = next
  for (const watcher of watchers) watcher(state)
}
