import type { ComponentChildren } from 'preact'

/** Names and what they stand for, one a line. */
export function Pairs(props: {
  pairs: readonly (readonly [string, ComponentChildren])[]
  /** In columns where there is room. */
  isWide?: boolean
}) {
  return (
    <dl class={`pairs${props.isWide ? ' columns' : ''}`}>
      {props.pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
