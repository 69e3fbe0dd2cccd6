import { type PairFlag, ProfileShapeError } from '../../schemas/errors/profile.ts'
import { parseProfile } from '../../speed/ingest/profile/parseProfile.ts'
import { profileOfTexts } from '../../speed/ingest/profile/profileOfTexts.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import { openZone } from '../../speed/ingest/profile/zone.ts'
import { readLocalJson } from './localFiles.ts'
import { asWrongUse } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'

/** The profile of the flags, which go before those of the named profile. */
export function profileOf(flags: ProfileFlags): Profile {
  return asWrongUse(() => {
    const { profile: name, columns, flow, quality, meters, ...others } = flags
    const isFile = name?.endsWith('.json') === true
    const base = isFile ? parseProfile(readLocalJson(name)) : undefined
    const texts = {
      ...{ ...(isFile ? {} : { profile: name }), ...saidBy(others), ...registerOf(flags) },
      ...pairsOf('columns', columns),
      ...pairsOf('flow', flow),
      ...pairsOf('quality', quality),
      ...pairsOf('meters', meters),
    }
    const profile = profileOfTexts(texts, base)
    if (profile.zone !== undefined) openZone(profile.zone)
    return profile
  })
}

const fields = [
  ...['layout', 'meter', 'unit', 'step', 'zone', 'format', 'encoding', 'delimiter', 'headerRow'],
  ...['sheet', 'dateFormat', 'stamp', 'repeatedHour', 'decimal', 'thousands', 'quantity', 'sign'],
  ...['durationUnit', 'missing', 'void'],
] as const

/** The flags that are fields of a profile; a command has others beside them. */
function saidBy(flags: object): Record<string, string | undefined> {
  const named = new Map(Object.entries(flags))
  return Object.fromEntries(fields.map((field) => [field, named.get(field)]))
}

/** Pairs such as `start=Horodate,value=Valeur`, by the field that they are of. */
function pairsOf(flag: PairFlag, text: string | undefined): Record<string, string> {
  if (text === undefined) return {}
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [key = '', ...value] = pair.split('=')
      if (value.length === 0) {
        throw new ProfileShapeError({ field: flag, fault: 'no-pair', text: pair, flag })
      }
      return [`${flag}.${key.trim()}`, value.join('=').trim()]
    }),
  )
}

function registerOf({ registerAt, registerDigits, registerReset: reset }: ProfileFlags) {
  const [from, to, ...more] = reset?.split('/') ?? []
  if (reset !== undefined && (!from || !to || more.length > 0)) {
    throw new ProfileShapeError({ field: 'register.reset', fault: 'no-span', text: reset })
  }
  return {
    ...{ 'register.at': registerAt, 'register.digits': registerDigits },
    ...{ 'register.reset.from': from, 'register.reset.to': to },
  }
}
