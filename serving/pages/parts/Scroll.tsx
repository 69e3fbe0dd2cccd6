import type { ComponentChildren } from 'preact'

/** What may be wider than a phone scrolls by itself, by keys too. */
export function Scroll(props: { name: string; tall?: boolean; children: ComponentChildren }) {
  const { name, tall, children } = props
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section class={`scroll${tall ? ' tall' : ''}`} tabIndex={0} aria-label={name}>
      {children}
    </section>
  )
}
