export const pageNames = ['now', 'event', 'settlement', 'home', 'chain', 'pipeline'] as const
export type PageName = (typeof pageNames)[number]

/** The zoom range of charts; kept from page to page. */
export type ViewRange = { readonly fromMs: number; readonly toMs: number }

export type Route = {
  readonly page: PageName
  /** Event or meter; null for the page's own choice. */
  readonly id: string | null
  readonly range: ViewRange | null
}

/** `#/event/high-2013-02-11?from=…&to=…`; unreadable parts are dropped. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [first = '', second = ''] = path.split('/')
  const page = pageNames.find((name) => name === first) ?? 'now'
  return { page, id: second ? decode(second) : null, range: parseRange(new URLSearchParams(query)) }
}

export function hrefOf(route: { page: PageName; id?: string | null; range?: ViewRange | null }) {
  const path = route.id ? `${route.page}/${encodeURIComponent(route.id)}` : route.page
  if (!route.range) return `#/${path}`
  const { fromMs, toMs } = route.range
  return `#/${path}?from=${stamp(fromMs)}&to=${stamp(toMs)}`
}

/**
 * Splits off a token given in the address (`#token=…`, `#/home?token=…`), and the address without.
 */
export function takeToken(hash: string): { readonly token: string | null; readonly hash: string } {
  const found = /(^#|[?&])token=([^&]*)/.exec(hash)
  if (!found) return { token: null, hash }
  const [whole, before = '', value = ''] = found
  const rest = hash
    .replace(whole, before)
    .replace(/([?&])&/, '$1')
    .replace(/[?&]$/, '')
  return { token: decode(value) || null, hash: rest === '#' ? '#/now' : rest }
}

function parseRange(query: URLSearchParams): ViewRange | null {
  const fromMs = Date.parse(query.get('from') ?? '')
  const toMs = Date.parse(query.get('to') ?? '')
  return fromMs < toMs ? { fromMs, toMs } : null
}

/** Without seconds on a whole minute: addresses are read by people. */
function stamp(ms: number): string {
  return new Date(Math.round(ms / 1000) * 1000).toISOString().replace(/(:00)?\.000Z$/, 'Z')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
