import type { ComponentChildren } from 'preact'

/** Content that may be wider than a phone scrolls on its own, also by keys. */
export function Scroll(props: { name: string; tall?: boolean; children: ComponentChildren }) {
  const { name, tall, children } = props
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by
    // keys.
    <section class={`scroll${tall ? ' tall' : ''}`} aria-label={name}>
      {children}
    </section>
  )
}
