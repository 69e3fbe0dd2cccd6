import { NoSuchProfileError } from '../../../schemas/errors/profile.ts'
import ausgrid from '../profiles/ausgrid-solar.json' with { type: 'json' }
import eredes from '../profiles/e-redes.json' with { type: 'json' }
import enedis from '../profiles/enedis.json' with { type: 'json' }
import enedisKw from '../profiles/enedis-kw.json' with { type: 'json' }
import greenButtonCsv from '../profiles/green-button-csv.json' with { type: 'json' }
import greenButtonXml from '../profiles/green-button-xml.json' with { type: 'json' }
import hass from '../profiles/hass.json' with { type: 'json' }
import n3rgy from '../profiles/n3rgy.json' with { type: 'json' }
import nem12 from '../profiles/nem12.json' with { type: 'json' }
import octopus from '../profiles/octopus.json' with { type: 'json' }
import pge from '../profiles/pge.json' with { type: 'json' }
import sdge from '../profiles/sdge.json' with { type: 'json' }
import { parseProfile } from './parseProfile.ts'
import type { Profile } from './profileShape.ts'

const files: readonly unknown[] = [
  ...[ausgrid, eredes, enedis, enedisKw, greenButtonCsv, greenButtonXml],
  hass,
  ...[n3rgy, nem12, octopus, pge, sdge],
]

/** One profile for each of the common exports, by name. */
export const builtInProfiles: ReadonlyMap<string, Profile> = new Map(
  files.map(parseProfile).map((profile) => [profile.name ?? '', profile]),
)

/** @throws NoSuchProfileError */
export function profileNamed(name: string): Profile {
  const profile = builtInProfiles.get(name)
  if (!profile) throw new NoSuchProfileError({ name, known: [...builtInProfiles.keys()] })
  return profile
}
