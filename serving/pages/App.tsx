import { useEffect, useRef, useState } from 'preact/hooks'
import type { Status } from '../shapes/status.ts'
import type { Groups } from '../shapes/views.ts'
import { writeToken } from './data/api.ts'
import { type Installation, InstallationContext, useToken } from './data/installation.ts'
import { onStream, type StreamState, watchStream } from './data/stream.ts'
import { useResource } from './data/useResource.ts'
import { loadLater } from './parts/loadLater.tsx'
import { PipelineLine } from './parts/PipelineLine.tsx'
import { Rail } from './parts/Rail.tsx'
import { Now } from './screens/Now.tsx'
import { duration } from './view/format.ts'
import { hrefOf, type PageName, parseRoute, type Route, takeToken } from './view/route.ts'

const titles: Readonly<Record<PageName, string>> = {
  now: 'Now',
  event: 'Event',
  settlement: 'Settlement',
  home: 'Home',
  chain: 'Chain',
  pipeline: 'Pipeline',
}

const pages = {
  now: Now,
  event: loadLater(async () => (await import('./screens/Event.tsx')).Event),
  settlement: loadLater(async () => (await import('./screens/Settlement.tsx')).Settlement),
  home: loadLater(async () => (await import('./screens/Home.tsx')).Home),
  chain: loadLater(async () => (await import('./screens/Chain.tsx')).Chain),
  pipeline: loadLater(async () => (await import('./screens/Pipeline.tsx')).Pipeline),
} as const

/** The frame of all pages: navigation, state of the installation, and the page. */
export function App() {
  const installation = useInstallationState()
  const { route } = installation
  const main = useRef<HTMLElement>(null)
  useTitle(titles[route.page], main)
  const Page = pages[route.page]
  return (
    <InstallationContext.Provider value={installation}>
      <div class="frame">
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          Skip to the page
        </button>
        <Rail route={route} titles={titles} />
        <div class="body">
          <StreamBanner />
          <main ref={main} tabIndex={-1}>
            <Page key={route.page} />
          </main>
          <PipelineLine />
        </div>
      </div>
    </InstallationContext.Provider>
  )
}

function useInstallationState(): Installation {
  const [route, setRoute] = useRoute()
  const isTrusted = useToken() !== null
  const status = useStatus()
  const groups = useResource<Groups>('/groups').data?.groups ?? []
  return {
    route,
    status,
    groups,
    zone: groups[0]?.zone.split(',')[0] ?? 'UTC',
    nowMs: status ? Date.parse(status.now) : null,
    isTrusted,
    setRange: (range) => {
      history.replaceState(null, '', hrefOf({ ...route, range }))
      setRoute({ ...route, range })
    },
  }
}

function useRoute(): [Route, (route: Route) => void] {
  const [route, setRoute] = useState(readAddress)
  useEffect(() => {
    const follow = () => setRoute(readAddress())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return [route, setRoute]
}

/** A token is removed from the address at once, so that it is not shared or kept in history. */
function readAddress(): Route {
  const { token, hash } = takeToken(location.hash)
  if (token) {
    writeToken(token)
    history.replaceState(null, '', hash)
  }
  return parseRoute(hash)
}

/** Updated by the stream, and polled in case the stream is broken. */
function useStatus(): Status | null {
  const polled = useResource<Status>('/status', [], 5_000).data
  const [pushed, setPushed] = useState<Status | null>(null)
  useEffect(() => onStream('status', (status) => setPushed(status as Status)), [])
  if (!polled || !pushed) return pushed ?? polled
  return pushed.now >= polled.now ? pushed : polled
}

/** Sets the tab's title, and moves keyboard focus to the start of a new page. */
function useTitle(title: string, main: { readonly current: HTMLElement | null }): void {
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = `${title} · Wattproof`
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
    isFirst.current = false
  }, [title])
}

function StreamBanner() {
  const [state, setState] = useState<StreamState>({ isOpen: false, brokenSince: null })
  const [, tick] = useState(0)
  useEffect(() => watchStream(setState), [])
  useEffect(() => {
    if (!state.brokenSince) return
    const timer = setInterval(() => tick((each) => each + 1), 1_000)
    return () => clearInterval(timer)
  }, [state.brokenSince])
  if (!state.brokenSince) return null
  const since = state.brokenSince.toLocaleTimeString('en-GB')
  return (
    <div class="banner" role="status">
      <strong>Live data is broken</strong> since {since} (
      {duration(Date.now() - state.brokenSince.getTime())}). What you see is from then;
      reconnecting.
    </div>
  )
}
