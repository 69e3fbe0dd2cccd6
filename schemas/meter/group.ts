import { GroupIdError } from '../errors/meter.ts'
import { isMeterId } from '../ids.ts'
import { type GroupKind, groupKinds } from './groupKind.ts'

/** `feeder:F1`; a community is its name alone: `north`. */
export type GroupId = string

export type Group = { readonly kind: GroupKind; readonly name: string }

/**
 * The kind is part of the id, so that a feeder and a tariff of one name are two groups wherever
 * a text names them: in rows, queries, addresses of pages and topics of streams.
 */
export function groupIdOf({ kind, name }: Group): GroupId {
  return kind === 'community' ? name : `${kind}:${name}`
}

/** @throws GroupIdError for an id with other characters, or more, than a meter's may have. */
export function readGroupId(text: string): Group {
  const cut = text.indexOf(':')
  const kind = groupKinds.find((each) => cut > 0 && each === text.slice(0, cut)) ?? null
  const name = kind === null ? text : text.slice(cut + 1)
  if (!isMeterId(text) || !isMeterId(name)) throw new GroupIdError({ text })
  return { kind: kind ?? 'community', name }
}
