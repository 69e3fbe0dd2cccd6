import * as z from 'zod'
import { DeadLetterSourceError } from '../../../schemas/errors/input.ts'
import type { DeadLetter } from '../../../schemas/reading/deadLetter.ts'
import {
  quality as qualities,
  standingOf,
  standing as standings,
} from '../../../schemas/reading/reading.ts'
import { ruleText } from '../../../schemas/reading/register.ts'
import { isoUtc } from '../../../schemas/time.ts'
import type { Draft, RowFields } from '../draft.ts'
import type { SaidBy } from '../judgeDraft.ts'
import { type Profile, profileShape } from '../profile/profileShape.ts'
import type { Refusal } from '../refusal.ts'

/**
 * How a retry reads a refused row or cell, which is alone then: the rows beside it, from which the
 * step of its file and the hour of its stamp are known, are gone.
 */
export type ReadAs =
  /** The original bytes are one element of JSON. */
  | { readonly kind: 'element'; readonly zone?: string | undefined }
  /** They are a frame of one reading. */
  | { readonly kind: 'frame' }
  /** A row of a tidy table, with its stamp as an instant where it could be placed. */
  | ({ readonly kind: 'fields'; readonly fields: RowFields } & ZoneOpen)
  /** A cell that was read; what is refused is its content, such as a meter that is not enrolled. */
  | ({ readonly kind: 'read' } & ZoneOpen)
  /** A cell that could not be read, with the cells that its interval and meter are in. */
  | {
      readonly kind: 'cell'
      readonly profile: Profile
      readonly header: readonly string[]
      readonly cells: readonly string[]
    }
  /** A whole row that could not be cut into cells. */
  | { readonly kind: 'row' }

/**
 * Set for a stamp without an offset in a file that neither says a zone nor names an enrolled meter.
 * It is read in UTC, and in the zone of its meter once that is enrolled.
 */
type ZoneOpen = { readonly isZoneOpen?: boolean }

const saidBy = { source: z.string().optional(), ingest: z.string().optional() }
const storedShape = z.discriminatedUnion('kind', [
  z.object({ ...saidBy, kind: z.literal('element'), zone: z.string().optional() }),
  z.object({ ...saidBy, kind: z.literal('frame') }),
  z.object({
    ...{ ...saidBy, kind: z.literal('cell') },
    // A profile of an earlier version may have had more.
    profile: profileShape.strip(),
    header: z.array(z.string()).readonly(),
    cells: z.array(z.string()).readonly(),
  }),
  z.object({ ...saidBy, kind: z.literal('row') }),
  z.object({
    ...saidBy,
    kind: z.literal('reading'),
    reading: z.record(z.string(), z.unknown()).readonly(),
  }),
])

/** What is kept with the dead letter. */
export type StoredReadAs = z.infer<typeof storedShape>

export function readAsText(
  row: { readonly readAs: ReadAs; readonly content: Draft | Refusal },
  { source, ingest }: SaidBy,
): string {
  return JSON.stringify({
    ...storedOf(row.readAs, row.content),
    ...(source === '' ? {} : { source }),
    ...(ingest === '' ? {} : { ingest }),
  })
}

function storedOf(readAs: ReadAs, content: Draft | Refusal): StoredReadAs {
  if (readAs.kind === 'fields') return { kind: 'reading', reading: withInstant(readAs, content) }
  if (readAs.kind !== 'read') return readAs
  if ('reason' in content) return { kind: 'row' }
  return { kind: 'reading', reading: fieldsOf(content, readAs) }
}

/** Alone, a stamp without an offset would not say which hour it is of. */
function withInstant(
  { fields, isZoneOpen = false }: Extract<ReadAs, { kind: 'fields' }>,
  content: Draft | Refusal,
): RowFields {
  if (isZoneOpen || 'reason' in content) return fields
  const { start, saidAt } = content
  return {
    ...fields,
    ...(typeof start === 'number' ? { start: isoUtc(start) } : {}),
    ...(typeof saidAt === 'number' ? { said_at: isoUtc(saidAt) } : {}),
  }
}

/** @throws DeadLetterSourceError for one that something else wrote. */
export function storedReadAs({ readAs, source }: DeadLetter): StoredReadAs {
  try {
    return storedShape.parse(JSON.parse(readAs))
  } catch (error) {
    throw new DeadLetterSourceError({ source }, error)
  }
}

/** A reading as the members of a tidy row, exactly; the stamp of an open zone has no offset. */
export function fieldsOf(reading: Draft, { isZoneOpen = false }: ZoneOpen = {}): RowFields {
  const { meter, start, powerW, reactiveVar, revision } = reading
  const name = nameOf(qualities, reading.quality)
  const standing = nameOf(standings, reading.standing ?? standingOf(reading.quality))
  const isUsual = reading.standing === null || reading.standing === standingOf(reading.quality)
  const instant = typeof start === 'number' ? isoUtc(start) : ''
  return {
    meter,
    start: isZoneOpen ? instant.replace('Z', '') : instant,
    ...valueFields(reading),
    ...(powerW === null ? {} : { power_w: powerW }),
    ...(reactiveVar === null ? {} : { reactive_var: reactiveVar }),
    ...(name === undefined || name === 'measured' ? {} : { quality: name }),
    ...(isUsual ? {} : { standing }),
    ...(revision === 0 ? {} : { revision }),
    ...(typeof reading.saidAt === 'number' ? { said_at: isoUtc(reading.saidAt) } : {}),
  }
}

function valueFields({ durationS, energyMwh, isVoid, register }: Draft): RowFields {
  if (isVoid) return { duration_s: durationS, void: true }
  if (!register) return { duration_s: durationS, energy_wh: whText(energyMwh) }
  const rule = ruleText(register)
  return {
    register_wh: whText(energyMwh),
    ...(Number.isNaN(durationS) ? {} : { duration_s: durationS }),
    ...(rule === '' ? {} : { register_rule: JSON.parse(rule) }),
  }
}

function nameOf(words: Readonly<Record<string, number>>, code: number): string | undefined {
  return Object.entries(words).find(([, each]) => each === code)?.[0]
}

/** Exact decimal text. */
function whText(mwh: bigint): string {
  const digits = String(mwh < 0n ? -mwh : mwh).padStart(4, '0')
  return `${mwh < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`
}
