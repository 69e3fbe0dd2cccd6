import type { RegisterReset, RegisterRule } from '../../../schemas/reading/register.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { parseDecimal, toWholeHalfEven } from '../decimal.ts'
import type { Profile, Unit } from './profileShape.ts'
import { mwhPerUnit } from './readUnit.ts'
import type { StampReader } from './stamp.ts'
import type { Zone } from './zone.ts'

export type RuleOptions = {
  readonly profile: Profile
  readonly unit: Unit | null
  readonly reader: StampReader
  readonly zone: Zone
}

/** What a profile says of the registers of a meter: where they roll over, where they are reset. */
export function registerRuleOf(meter: string, options: RuleOptions): RegisterRule {
  const { digits, reset = [] } = options.profile.register ?? {}
  const { unit } = options
  const whole = digits === undefined ? null : { digits: 10n ** BigInt(digits), exponent: 0 }
  const resets = [reset].flat().flatMap((each): RegisterReset[] => {
    if (each.meter !== undefined && each.meter !== meter) return []
    const fromMs = instantOf(each.from, options)
    const toMs = instantOf(each.to, options)
    return fromMs === null || toMs === null ? [] : [{ fromMs, toMs, parts: partsOf(each, unit) }]
  })
  const capacityMwh = whole && unit && toWholeHalfEven(whole, mwhPerUnit(unit, 0))
  return { capacityMwh, resets }
}

type Said = { readonly end?: string | undefined; readonly start?: string | undefined }

function partsOf({ end, start }: Said, unit: Unit | null): RegisterReset['parts'] {
  const [endOf, startOf] = [end, start].map((text) => {
    return text === undefined ? null : parseDecimal(text)
  })
  if (!endOf || !startOf || unit === null) return null
  const factor = mwhPerUnit(unit, 0)
  return { endMwh: toWholeHalfEven(endOf, factor), startMwh: toWholeHalfEven(startOf, factor) }
}

function instantOf(text: string, { reader, zone }: RuleOptions): EpochMs | null {
  const stamp = reader.read(text)
  if (!stamp) return null
  if (stamp.offsetMs !== null) return stamp.wallMs - stamp.offsetMs
  return zone.instantsOf(stamp.wallMs)[0] ?? null
}
