import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'

const word =
  'status(?: ?code|kode)?|statut|state|stato|etat|estado|zustand|tila|validity|validitat|' +
  'gultigkeit|validite|validita|validez|validade|quality|qualitat|qualite|qualita|calidad|' +
  'qualidade|kwaliteit|kvalitet|kvalitat|jakosc|flags?|qc'
const names = new RegExp(`^(?:(?:data|reading|value|meter|row) )?(?:${word})$`)

/** A name that says that its column tells what a value is worth. */
export function isStatusName(name: string): boolean {
  return names.test(plainName(name))
}

/** Places of such columns. */
export function statusPlaces(header: readonly string[]): number[] {
  return header.flatMap((name, place) => (isStatusName(name) ? place : []))
}

type Placed = { readonly at: number }
type Beside = {
  readonly value: Placed
  readonly values: readonly Placed[]
  /** All such columns. */
  readonly places: readonly number[]
}

/** Columns of a wide file read as the quality of its series: where the profile says words. */
export function statusesRead(
  header: readonly string[],
  { at, profile }: { readonly at: { readonly quality?: number }; readonly profile: Profile },
): number[] {
  const said = profile.columns?.quality === undefined ? undefined : at.quality
  if (said === undefined && profile.quality === undefined) return []
  const places = new Set([...statusPlaces(header), ...(said === undefined ? [] : [said])])
  return [...places].sort((left, right) => left - right)
}

/**
 * Whether a column of a wide file tells what a series is worth: it is of the series before it. One
 * before all series is of the whole row, and so is a single one behind all of them.
 */
export function isOfValue(place: number, { value, values, places }: Beside): boolean {
  const before = values.findLast(({ at }) => at < place)
  if (before === undefined) return true
  const isLast = before === values.at(-1)
  if (isLast && places.length === 1) return true
  return before.at === value.at
}
