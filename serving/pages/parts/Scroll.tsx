import type { ComponentChildren } from 'preact'

/** Content that may be wider than a phone scrolls on its own, also by keys. */
export function Scroll(props: { name: string; tall?: boolean; children: ComponentChildren }) {
  const { name, tall, children } = props
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keys as well.
    <section class={`scroll${tall ? ' tall' : ''}`} tabIndex={0} aria-label={name}>
      {children}
    </section>
  )
}
