import { type ErrorKind, errorKinds } from './kinds.ts'
import { sentenceOf, WattproofError } from './wattproofError.ts'

/** Kinds whose sentence is for the log only. */
type FaultKind = 'internal' | 'configuration'
type RefusedKind = Exclude<ErrorKind, FaultKind>

export const refusedKinds = Object.keys(errorKinds).filter((kind): kind is RefusedKind => {
  return kind !== 'internal' && kind !== 'configuration'
})

/** Why an event is blocked, as it is stored with it. */
export type EventProblem =
  /** Its baselines were not on the chain before it started. */
  | { readonly kind: 'not-committed' }
  /** Another event has to be final or rejected first. */
  | { readonly kind: 'settles-after'; readonly event: string }
  /** The archive has not read everything that was logged before the step fell due. */
  | { readonly kind: 'archive-behind'; readonly before: string }
  /** Validators objected to its settlement. */
  | { readonly kind: 'objected' }
  /** Its next step was refused and is tried again; `sentence` is that of the error's class. */
  | {
      readonly kind: 'refused'
      readonly error: RefusedKind
      readonly data: Readonly<Record<string, unknown>>
      readonly sentence: string
    }
  /** A fault of the server, whose sentence is in the log only, under this id. */
  | { readonly kind: FaultKind; readonly logId: string }

/** The problem of an event whose step threw. */
export function eventProblemOf(error: unknown, logId: string): EventProblem {
  const kind = error instanceof WattproofError ? error.kind : 'internal'
  if (kind === 'internal' || kind === 'configuration') return { kind, logId }
  const { details } = error as WattproofError
  return { kind: 'refused', error: kind, data: details, sentence: sentenceOf(error) }
}

/** What an operator is shown. */
export function sentenceOfEventProblem(problem: EventProblem): string {
  switch (problem.kind) {
    case 'not-committed':
      return 'Its baselines were not on the chain before it started, so it cannot be settled.'
    case 'settles-after':
      return `It waits until ${problem.event} is final or rejected: entitlements are cumulative.`
    case 'archive-behind':
      return `It waits until the archive has read all that was logged before ${problem.before}.`
    case 'objected':
      return 'Validators with more than a third of the stake objected to its settlement.'
    case 'refused':
      return problem.sentence
    case 'internal':
    case 'configuration':
      return `${faults[problem.kind]} The server's log has the reason under ${problem.logId}.`
  }
}

const faults = {
  internal: 'The next step failed through a fault of the server and is tried again.',
  configuration: 'The next step fails until the configuration of the server is corrected.',
}
