import { kwh, money, shortHash } from '../view/format.ts'
import type { Headline as HeadlineText } from '../view/headline.ts'

/** Energy with the exact integer on hover and when copied. */
export function Energy({ mwh }: { mwh: number | null | undefined }) {
  if (mwh === null || mwh === undefined) return <span>–</span>
  return (
    <data value={mwh} title={`${mwh.toLocaleString('en-GB')} mWh`}>
      {kwh(mwh)}
    </data>
  )
}

export function Money({ micros, currency }: { micros: number | string; currency: string }) {
  return (
    <data value={String(micros)} title={`${micros} millionths of ${currency}`}>
      {money(micros, currency)}
    </data>
  )
}

/** A shortened hash; the full one on hover, and a click copies it. */
export function Hash({ hash, name }: { hash: string | null | undefined; name: string }) {
  if (!hash) return <span>–</span>
  return (
    <button
      type="button"
      class="hash"
      title={`${hash}: click to copy`}
      aria-label={`Copy ${name} ${shortHash(hash)}`}
      onClick={(event) => copy(event.currentTarget, hash)}
    >
      {shortHash(hash)}
    </button>
  )
}

function copy(button: HTMLElement, text: string): void {
  // Fails where there is no clipboard; the full hash is still in the title.
  const done = () => {
    button.dataset.copied = 'true'
    setTimeout(() => delete button.dataset.copied, 1_500)
  }
  navigator.clipboard?.writeText(text).then(done, () => undefined)
}

/** The headline answer of a page. */
export function Headline({ headline }: { headline: HeadlineText }) {
  const { tone, word, figure, unit, sentence } = headline
  return (
    <div class="headline">
      <p class={`verdict ${tone}`}>
        <Sign tone={tone} />
        {word}
      </p>
      <p class="figure">
        {figure} <small>{unit}</small>
      </p>
      <p class="answer">{sentence}</p>
    </div>
  )
}

/** A shape in addition to the colour: a tick, an exclamation mark, a dot. */
export function Sign({ tone }: { tone: HeadlineText['tone'] }) {
  const path = {
    good: 'M4 8.5l2.8 2.8L12.2 5',
    trouble: 'M8 3.5v5.5M8 12v.5',
    quiet: 'M5 8h6',
  }[tone]
  return (
    <svg class={`sign ${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7.5" />
      <path d={path} />
    </svg>
  )
}

/** A word in a rounded frame, such as a state. */
export function Tag({
  tone = 'quiet',
  children,
}: {
  tone?: HeadlineText['tone']
  children: string
}) {
  return (
    <span class={`tag ${tone}`}>
      <Sign tone={tone} />
      {children}
    </span>
  )
}
