import { ProblemError } from '../../../schemas/errors/page.ts'

/** The token of this browser tab; the pages show single meters only with it. */
const tokenKey = 'wattproof-token'

const watchers = new Set<(token: string | null) => void>()

export function readToken(): string | null {
  return sessionStorage.getItem(tokenKey)
}

export function writeToken(token: string | null): void {
  if (token) sessionStorage.setItem(tokenKey, token)
  else sessionStorage.removeItem(tokenKey)
  for (const watcher of watchers) watcher(readToken())
}

/** Calls `watcher` whenever the token changes; the returned function stops it. */
export function watchToken(watcher: (token: string | null) => void): () => void {
  watchers.add(watcher)
  return () => {
    watchers.delete(watcher)
  }
}

/** An answer of `/api/v1`. @throws ProblemError with the API's message. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal ? { signal } : {})
}

type Page = { readonly rows?: unknown[]; readonly next?: string | number | null }

/**
 * The same with the pages of rows that follow, up to the `limit` of the path: without the token a
 * page of a view is shorter than that.
 */
export async function getRows<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await getJson<T & Page>(path, signal)
  const { rows } = answer
  if (rows === undefined) return answer
  const [route = '', query] = path.split('?')
  const asked = new URLSearchParams(query)
  const limit = Number(asked.get('limit') ?? 0)
  let { next } = answer
  while (typeof next === 'string' && rows.length < limit) {
    asked.set('page', next)
    const page = await getJson<Page>(`${route}?${asked}`, signal)
    rows.push(...(page.rows ?? []))
    next = page.next
  }
  return answer
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  return request<T>(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Whether the API accepts a token. @throws ProblemError when the API cannot be reached. */
export async function isTokenTaken(token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch('/api/v1/groups', { headers })
  if (response.status !== 401) await refuseUnlessOk(response)
  return response.status !== 401
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const token = readToken()
  const headers = new Headers(init.headers)
  if (token) headers.set('authorization', `Bearer ${token}`)
  const response = await fetch(`/api/v1${path}`, { ...init, headers })
  // The installation has a new token: public requests must not fail because of the old one.
  if (response.status === 401 && token && token === readToken()) writeToken(null)
  await refuseUnlessOk(response)
  return (await response.json()) as T
}

async function refuseUnlessOk(response: Response): Promise<void> {
  if (response.ok) return
  const body: unknown = await response.json().catch(() => null)
  throw new ProblemError({ status: response.status, ...textsOf(body) })
}

/** Title and detail of a problem document, and nothing of another answer, such as a proxy's. */
function textsOf(body: unknown): { title?: string; detail?: string } {
  if (typeof body !== 'object' || body === null) return {}
  return {
    ...('title' in body && typeof body.title === 'string' ? { title: body.title } : {}),
    ...('detail' in body && typeof body.detail === 'string' ? { detail: body.detail } : {}),
  }
}
