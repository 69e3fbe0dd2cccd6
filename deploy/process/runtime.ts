import { utimes } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { startBeating } from './heartbeat.ts'

/** Set by `deploy/bundle.mjs` in the bundle: its folder, and the project it was made from. */
declare const bundleFolder: string | undefined
declare const bundledRoot: string

export const projectRoot =
  typeof bundleFolder === 'undefined' ? path.resolve(import.meta.dirname, '../..') : bundledRoot

/** For what is made once and is the same for every folder; null without a bundle. No secrets. */
export const bundleCache: string | null =
  typeof bundleFolder === 'undefined' ? null : path.join(bundleFolder, 'made')

/** Arguments that make Node run a TypeScript file; none where Node can do it itself. */
export const typeScriptArgs: readonly string[] = (process.features as { typescript?: unknown })
  .typescript
  ? []
  : ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]

/** Node arguments for a file of `programFile`. */
export const programArgs: readonly string[] =
  typeof bundleFolder === 'undefined' ? typeScriptArgs : ['--enable-source-maps']

/**
 * Node arguments for a process that answers a thousand requests at once. What belongs to a request
 * lives until its append is on disk: with a young generation of 16 MB, Node's own bound, it is
 * copied while it waits, which took a fifth of the processor at 5,000 requests a second.
 */
export const serverArgs: readonly string[] = ['--max-semi-space-size=64']

/** The file to run for a source that `deploy/bundle.mjs` lists as a program. */
export function programFile(source: string): string {
  return typeof bundleFolder === 'undefined' ? source : source.replace(/\.ts$/, '.mjs')
}

const hourMs = 3600 * 1000

/** Marks the bundle of this process as used every hour, as unused ones are deleted. */
export function keepBundle(): void {
  if (typeof bundleFolder === 'undefined') return
  const folder = bundleFolder
  const mark = () => {
    const now = new Date()
    // A user who may not write there cannot delete it either.
    utimes(folder, now, now, () => {})
  }
  setInterval(mark, hourMs).unref()
}

/**
 * For the owner alone: all processes of an installation have this mask, so that what they and their
 * libraries write is for nobody else, whatever the user's own mask is.
 */
export const ownerOnlyMask = 0o077

/**
 * The life of one process: runs `main` until it ends or someone asks it to stop.
 *
 * On SIGTERM, SIGINT, or the end of its parent (its IPC channel closes), `main` gets
 * its signal aborted and may clean up; without a parent any more it does not even begin. A second
 * Ctrl-C ends the process at once.
 *
 * @param stopMsMax time limit of a stop, so that a store that no longer answers cannot block it.
 */
export async function runProcess(
  main: (signal: AbortSignal) => Promise<void>,
  stopMsMax = 10_000,
): Promise<void> {
  process.umask(ownerOnlyMask)
  keepBundle()
  const stop = new AbortController()
  const ask = () => {
    if (stop.signal.aborted) return
    stop.abort()
    setTimeout(() => process.exit(1), stopMsMax).unref()
  }
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(130)
    ask()
  })
  process.on('SIGTERM', ask)
  process.on('disconnect', ask)
  // A parent that ended while this process loaded its modules: that event is over.
  if (process.connected === false) return
  await main(stop.signal)
}

let tellReady = () => {}

/** Registers `tell` to be called once this process is ready. */
export function onReady(tell: () => void): void {
  tellReady = tell
}

/** Tells the parent, if there is one, that this process is ready, and from then on that it runs. */
export function sayReady(details: Readonly<Record<string, unknown>> = {}): void {
  tellReady()
  if (!process.send) return
  process.send({ type: 'ready', ...details })
  startBeating()
}

export type Deferred<T> = {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

/** A promise and its two ends; Node 20 has no `Promise.withResolvers`. */
export function deferred<T>(): Deferred<T> {
  let ends: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject }
  })
  return { promise, resolve: ends!.resolve, reject: ends!.reject }
}
