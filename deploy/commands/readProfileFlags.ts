import { profileNamed } from '../../speed/ingest/profile/builtInProfiles.ts'
import { parseProfile } from '../../speed/ingest/profile/parseProfile.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import { unitNamed } from '../../speed/ingest/profile/readUnit.ts'
import { readLocalJson } from './localFiles.ts'
import { asWrongUse } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'

/** The profile of the flags, which go before those of the named profile. */
export function profileOf(flags: ProfileFlags): Profile {
  return asWrongUse(() => {
    const base = flags.profile === undefined ? {} : namedProfile(flags.profile)
    const { layout, dateFormat, zone, stamp, repeatedHour, decimal, quantity, sign, meter } = flags
    const { format, encoding, delimiter } = flags
    const said = {
      ...{ layout, dateFormat, zone, stamp, repeatedHour, decimal, quantity, sign, meter },
      ...{ format, encoding, delimiter },
      unit: flags.unit === undefined ? undefined : (unitNamed(flags.unit) ?? flags.unit),
      step: flags.step === undefined ? undefined : Number(flags.step),
      headerRow: flags.headerRow === undefined ? undefined : Number(flags.headerRow),
      missing: flags.missing?.split(',').map((word) => word.trim()),
    }
    const own = Object.entries(said).filter(([, value]) => value !== undefined)
    return parseProfile({ ...base, ...Object.fromEntries(own) })
  })
}

function namedProfile(name: string): Profile {
  return name.endsWith('.json') ? parseProfile(readLocalJson(name)) : profileNamed(name)
}
