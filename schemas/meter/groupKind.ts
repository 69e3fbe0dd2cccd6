/** What a group is of. A meter is in at most one group of each kind at a time. */
export const groupKinds = [
  'community',
  'feeder',
  'micro-grid',
  'programme',
  'substation',
  'tariff',
] as const
export type GroupKind = (typeof groupKinds)[number]

/** Which kind of group a kind is part of: the meters of a feeder are also its substation's. */
export const parentKinds: Readonly<Partial<Record<GroupKind, GroupKind>>> = {
  feeder: 'substation',
}

/** The kind that a group's id names, see `groupIdOf`. */
export function kindOfGroup(id: string): GroupKind {
  const kind = id.slice(0, Math.max(id.indexOf(':'), 0))
  return groupKinds.find((each) => each === kind) ?? 'community'
}
