/** The live stream: one connection for all pages, which reconnects by itself. */
type Listener = (data: unknown) => void

export type StreamState = { readonly isOpen: boolean; readonly brokenSince: Date | null }

const listeners = new Map<string, Set<Listener>>()
const watchers = new Set<(state: StreamState) => void>()
let source: EventSource | null = null
let isMadeAnew = false
let state: StreamState = { isOpen: false, brokenSince: null }

/** Calls `listener` for each message of a topic; the returned function stops it. */
export function onStream(topic: string, listener: Listener): () => void {
  const set = listeners.get(topic) ?? new Set<Listener>()
  listeners.set(topic, set)
  if (set.size === 0) source?.addEventListener(topic, forward)
  set.add(listener)
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
  if (source) return
  source = new EventSource('/api/v1/stream')
  for (const topic of listeners.keys()) source.addEventListener(topic, forward)
  source.onopen = () => {
    tell({ isOpen: true, brokenSince: null })
    if (!isMadeAnew) return
    // A new EventSource does not send the last event id, so missed updates are fetched.
    isMadeAnew = false
    for (const listener of listeners.get('reset') ?? []) listener(null)
  }
  source.onerror = () => {
    tell({ isOpen: false, brokenSince: state.brokenSince ?? new Date() })
    if (source?.readyState !== EventSource.CLOSED) return
    // The browser gave up (a refused connection): reconnect ourselves.
    source = null
    isMadeAnew = true
    setTimeout(connect, 2_000)
  }
}

function forward(event: MessageEvent<string>): void {
  const data: unknown = event.data ? JSON.parse(event.data) : null
  for (const listener of listeners.get(event.type) ?? []) listener(data)
}

function tell(next: StreamState): void {
  state = next
  for (const watcher of watchers) watcher(state)
}
