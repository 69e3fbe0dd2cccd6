import { useEffect, useState } from 'preact/hooks'
import type { ProblemError } from '../../../schemas/errors/page.ts'
import { getRows } from './api.ts'
import { useToken } from './installation.ts'
import { onStream } from './stream.ts'

export type Resource<T> = {
  /** The last answer; kept while a newer one is loading, so that the layout does not jump. */
  readonly data: T | null
  readonly error: ProblemError | Error | null
  readonly isLoading: boolean
  refresh(): void
}

/**
 * An answer of the API, kept up to date.
 *
 * @param path null while the path is not known yet.
 * @param topics stream topics that trigger a refetch, at most once a second.
 */
export function useResource<T>(
  path: string | null,
  topics: readonly string[] = [],
  everyMs = 0,
): Resource<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: Error | null }>({
    path: null,
    data: null,
    error: null,
  })
  const [turn, setTurn] = useState(0)
  const token = useToken()

  useEffect(() => {
    if (path === null) return
    const stop = new AbortController()
    getRows<T>(path, stop.signal)
      .then((data) => setState({ path, data, error: null }))
      .catch((error: Error) => {
        if (stop.signal.aborted) return
        setState((before) => ({ path, data: before.path === path ? before.data : null, error }))
      })
    return () => stop.abort()
  }, [path, turn, token])

  useEffect(() => {
    const again = throttle(() => setTurn((each) => each + 1), 1_000)
    const leave = [...topics, 'reset'].map((topic) => onStream(topic, again))
    const timer = everyMs > 0 ? setInterval(again, everyMs) : undefined
    return () => {
      for (const each of leave) each()
      clearInterval(timer)
    }
  }, [topics.join(), everyMs])

  const isOther = state.path !== path
  return {
    data: isOther ? null : state.data,
    error: isOther ? null : state.error,
    isLoading: path !== null && isOther,
    refresh: () => setTurn((each) => each + 1),
  }
}

/** Runs at once and then at most once every `pauseMs`; the last call is never lost. */
function throttle(run: () => void, pauseMs: number): () => void {
  let isPaused = false
  let isAsked = false
  const call = () => {
    if (isPaused) {
      isAsked = true
      return
    }
    isPaused = true
    run()
    setTimeout(() => {
      isPaused = false
      if (!isAsked) return
      isAsked = false
      call()
    }, pauseMs)
  }
  return call
}
