import { ProfileShapeError } from '../../../schemas/errors/profile.ts'
import { intervalSMax } from '../../../schemas/meter/step.ts'
import { profileNamed } from './builtInProfiles.ts'
import { parseProfile } from './parseProfile.ts'
import { type Profile, profileShape } from './profileShape.ts'
import { unitNamed } from './readUnit.ts'

/** Fields as text, by their names: of a query, or of flags. `profile` names a built-in one. */
export type ProfileTexts = Readonly<Record<string, string | undefined>>

/**
 * The profile that texts say; they go before the fields of the profile that they name.
 *
 * Fields within fields have a dot: `columns.start=Horodate`, `register.digits=6`,
 * `quality.S=estimated`; a list has commas.
 *
 * @throws ProfileShapeError that names the field, NoSuchProfileError.
 */
export function profileOfTexts(texts: ProfileTexts, base?: Profile): Profile {
  const named = base ?? (texts.profile === undefined ? {} : profileNamed(texts.profile))
  const said: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined || name === 'profile') continue
    const [field = '', ...path] = pathOf(name)
    if (path.length === 0) said[field] = partOf(field, text)
    else said[field] = within(said[field] ?? named[field as keyof Profile], path, { name, text })
  }
  return parseProfile({ ...named, ...said })
}

/** A meter may have a dot in its name. */
function pathOf(name: string): string[] {
  return name.startsWith('meters.') ? ['meters', name.slice('meters.'.length)] : name.split('.')
}

export function isProfileField(name: string): boolean {
  const [field = ''] = name.split('.')
  const isNested = ['columns', 'register', 'quality', 'flow', 'meters'].includes(field)
  return name === 'profile' || (field in profileShape.shape && isNested === name.includes('.'))
}

function partOf(field: string, text: string): unknown {
  if (field === 'unit') return unitNamed(text) ?? text
  if (field === 'step') return secondsOf(text)
  if (field === 'headerRow') return numberOf(text)
  if (field === 'missing' || field === 'void') return text.split(',').map((word) => word.trim())
  return text
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= intervalSMax) return Number(text)
  throw new ProfileShapeError({ field: 'step', fault: 'no-step', text, secondsMax: intervalSMax })
}

/** A text that is not a number stays one: the shape refuses it with the name of its field. */
function numberOf(text: string): unknown {
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}

function within(
  before: unknown,
  path: readonly string[],
  { name, text }: { readonly name: string; readonly text: string },
): object {
  const [key = '', ...rest] = path
  if (rest.length > 1) throw new ProfileShapeError({ field: name, fault: 'unknown' })
  const known = typeof before === 'object' && before !== null ? before : {}
  if (rest.length === 1) {
    const inner = (known as Record<string, unknown>)[key]
    return { ...known, [key]: within(inner, rest, { name, text }) }
  }
  const field = name.split('.')[0]
  const value = field === 'quality' ? wordOf(text) : key === 'digits' ? numberOf(text) : text
  return { ...known, [key]: value }
}

/** `estimated`, `fill` or `void`, as a word of quality is said in short. */
function wordOf(text: string): object {
  if (text === 'void') return { void: true }
  return ['fill', 'stated', 'held'].includes(text) ? { standing: text } : { quality: text }
}
