import type { ComponentChildren } from 'preact'
import { ProblemError } from '../../../schemas/errors/page.ts'
import { TokenForm } from './TokenForm.tsx'

/** Reserves the space of loading content, so that nothing moves when it arrives. */
export function Loading({ lines = 3, tall = false }: { lines?: number; tall?: boolean }) {
  const rows = Array.from({ length: lines }, (_, index) => index)
  return (
    <div class={`loading${tall ? ' tall' : ''}`} role="status">
      <span class="unseen">Loading …</span>
      {rows.map((row) => (
        <i key={row} />
      ))}
    </div>
  )
}

/** An empty state: what will appear here, and the command for it. */
export function Empty({ children, command }: { children: ComponentChildren; command?: string }) {
  return (
    <div class="empty">
      <p>{children}</p>
      {command && (
        <p>
          <code>{command}</code>
        </p>
      )}
    </div>
  )
}

/** What went wrong and what to do about it; a page that needs the token asks for it. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  if (error instanceof ProblemError && error.status === 401) return <TokenForm />
  const isRefused = error instanceof ProblemError
  return (
    <div class="empty" role="alert">
      <p>{isRefused ? error.message : 'Wattproof does not answer. Is it still running?'}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Ask again
        </button>
      )}
    </div>
  )
}

type ResourceLike<T> = {
  readonly data: T | null
  readonly error: Error | null
  refresh(): void
}

/** Shows an answer in its state; the last good one stays visible. */
export function Shown<T>(props: {
  resource: ResourceLike<T>
  tall?: boolean
  lines?: number
  children: (data: T) => ComponentChildren
}) {
  const { resource, children, tall = false, lines = 3 } = props
  if (resource.data !== null) return <>{children(resource.data)}</>
  if (resource.error) return <Failure error={resource.error} retry={resource.refresh} />
  return <Loading tall={tall} lines={lines} />
}
