import type { Step } from '../view/eventPage.ts'
import { clockTime, dayName } from '../view/format.ts'

/** The progress of an event, step by step. */
export function Steps({ steps, zone }: { steps: readonly Step[]; zone: string }) {
  return (
    <ol class="steps">
      {steps.map(({ name, about, reached, state }) => (
        <li key={name} class={state} {...(state === 'now' ? { 'aria-current': 'step' } : {})}>
          <strong>{name}</strong>
          {reached ? (
            <time datetime={reached} title={reached}>
              {clockTime(reached, zone)}
              <span>{dayName(reached, zone)}</span>
            </time>
          ) : (
            <span>{about}</span>
          )}
          <span class="unseen">{state === 'ahead' ? '(not yet)' : '(reached)'}</span>
        </li>
      ))}
    </ol>
  )
}
