import type { ComponentChildren } from 'preact'

/** Names and values, one pair per line. */
export function Pairs(props: {
  pairs: readonly (readonly [string, ComponentChildren])[]
  /** In columns if there is room. */
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
