/** The token of this browser tab; the pages show single meters only with it. */
const tokenKey = 'wattproof-token'

export function readToken(): string | null {
  return sessionStorage.getItem(tokenKey)
}

export function writeToken(token: string): void {
  if (token) sessionStorage.setItem(tokenKey, token)
  else sessionStorage.removeItem(tokenKey)
}

/** What a door refused, in its own words. */
export class ProblemError extends Error {
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.status = status
  }
}

/** An answer of `/api/v1`. @throws ProblemError with the door's sentence. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal ? { signal } : {})
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  return request<T>(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const token = readToken()
  const headers = new Headers(init.headers)
  if (token) headers.set('authorization', `Bearer ${token}`)
  const response = await fetch(`/api/v1${path}`, { ...init, headers })
  if (response.ok) return (await response.json()) as T
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string }
  const sentence = problem.detail ?? problem.title ?? `The door answered ${response.status}.`
  throw new ProblemError(response.status, sentence)
}
