import type { Problem } from '../errors/problem.ts'

type Sink = {
  warn(data: object, sentence: string): void
  error(data: object, sentence: string): void
}

/** A request of an HTTP server: its own log names it, that of its server does not. */
export type RefusedRequest = {
  readonly log: Sink
  readonly server: { readonly server: object; readonly log: Sink }
}

type Minute = { failures: number; readonly counts: Map<string, number> }

const minuteMs = 60_000
/** Failures of a minute that are logged with their stacks. */
export const failuresLoggedMax = 20

/** By server, the minute that began with its first refusal. */
const minutes = new WeakMap<object, Minute>()

/**
 * Logs what a request was refused for, as far as that is not the client's fault.
 *
 * Our mistakes are logged each, under the request's id. Anybody can bring about the others at any
 * rate: failures of stores are logged up to 20 a minute, and the rest of them, as all refusals for
 * want of room or patience (503 busy, 429), are summed up in one line a minute.
 */
export function logRefusal(request: RefusedRequest, error: unknown, problem: Problem): void {
  const { status, title, type } = problem
  if (status === 500) request.log.error({ err: error }, title)
  if (status !== 503 && status !== 429) return
  const minute = minuteOf(request)
  const isFailure = status === 503 && !type.endsWith(':busy')
  if (isFailure && minute.failures++ < failuresLoggedMax) {
    request.log.warn({ err: error }, title)
  } else {
    minute.counts.set(title, (minute.counts.get(title) ?? 0) + 1)
  }
}

function minuteOf({ server: { server, log } }: RefusedRequest): Minute {
  const known = minutes.get(server)
  if (known) return known
  const minute: Minute = { failures: 0, counts: new Map() }
  minutes.set(server, minute)
  const end = () => {
    minutes.delete(server)
    const { counts } = minute
    if (counts.size === 0) return
    const refused = Object.fromEntries(counts)
    const parts = [...counts].map(([title, count]) => `${title} (${count})`)
    log.warn({ refused }, `Refused in the last minute: ${parts.join(', ')}.`)
  }
  setTimeout(end, minuteMs).unref()
  return minute
}
