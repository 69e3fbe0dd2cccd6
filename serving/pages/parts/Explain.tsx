import type { ComponentChildren } from 'preact'

/** The formula behind a figure, with the reader's own numbers. */
export function Explain({
  children,
  title = 'How is this computed?',
}: {
  children: ComponentChildren
  title?: string
}) {
  return (
    <details class="explain">
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  )
}
