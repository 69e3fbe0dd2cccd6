/**
 * A word between the processes of an installation: look again.
 *
 * What every engine promises:
 * - `seen` is another number after any announcement, of this process or of another one, from the
 *   first time it was read on. Read it before the look that a wait follows, or an announcement in
 *   between is missed.
 * - `wait` resolves when `seen` is not `known` any more, after `msMax`, or when the signal aborts.
 * - `announce` and `wait` never fail.
 *
 * What every engine expects:
 * - an announcement may be lost (another machine, no watches left): whoever waits also looks again
 *   after a pause of its own.
 */
export interface Notices {
  readonly seen: number
  announce(): void
  wait(known: number, options: WaitOptions): Promise<void>
  close(): void
}

export type WaitOptions = { readonly msMax: number; readonly signal: AbortSignal }
