import type { StakePart } from '../view/chainPage.ts'
import { percent, shortHash, tokens } from '../view/format.ts'

/** All stake as one bar, one part per validator, with the quorum marked. */
export function StakeBar({ parts }: { parts: readonly StakePart[] }) {
  const said = parts.map((each) => `${shortHash(each.validator)} ${percent(each.share)}`).join(', ')
  return (
    <div class="stake" role="img" aria-label={`Stake: ${said}. Two thirds attest a settlement.`}>
      <div class="bar">
        {parts.map((each, index) => (
          <span
            key={each.validator}
            class={`part part-${index % 4}`}
            style={{ width: `${each.share * 100}%` }}
            title={`${each.validator}: ${tokens(each.stakeMicros)} (${percent(each.share)})`}
          >
            <em>{each.share >= 0.1 ? percent(each.share) : ''}</em>
            <i style={{ width: `${earnedShare(each) * 100}%` }} />
          </span>
        ))}
      </div>
      <div class="mark">
        <span>two thirds</span>
      </div>
    </div>
  )
}

function earnedShare({ earnedMicros, stakeMicros }: StakePart): number {
  return stakeMicros === 0 ? 0 : earnedMicros / stakeMicros
}
