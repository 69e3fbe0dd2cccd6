import * as z from 'zod'
import {
  GridOffsetError,
  MeterIncompleteError,
  ZeroAccountError,
} from '../../schemas/errors/meter.ts'
import { type Address, isMeterId, type MeterId } from '../../schemas/ids.ts'
import { bareMeter } from '../../schemas/meter/bareMeter.ts'
import { groupIdOf, readGroupId } from '../../schemas/meter/group.ts'
import { groupKinds } from '../../schemas/meter/groupKind.ts'
import { meterKinds } from '../../schemas/meter/kind.ts'
import { always, areSame, type Membership, moveMember } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import {
  areSameSteps,
  type DatedSteps,
  gridOffsetSMax,
  intervalSMax,
  newestStep,
  withStep,
} from '../../schemas/meter/step.ts'
import { localDayNamed, localDayOf } from '../../schemas/time.ts'

const name = z.string().refine(isMeterId, '1 to 64 of A-Z a-z 0-9 _ . : -')
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hexadecimal digits')
/** Tokens refuse transfers to this address, so a settlement line to it could never be paid. */
const zeroAddress: Address = `0x${'0'.repeat(40)}`

/** With another one the last interval of each day would be longer than the others. */
const dividesDay = 'seconds that divide a day, such as 900, 1800, 3600 or 86400'

/** The fields of a meter to set. Others stay, or get their default where the meter is new. */
export const meterChange = z.strictObject({
  meter: name.transform((text) => text as MeterId),
  site: name.optional().describe('connection or plant it belongs to; its own id when absent'),
  kind: z.enum(meterKinds).optional().describe('import when absent'),
  zone: z.string().max(64).optional().describe('IANA zone; a new meter needs one'),
  group: name.optional().describe('a group by its id: north, feeder:F1'),
  groups: z
    .partialRecord(z.enum(groupKinds), name.nullable())
    .optional()
    .describe('names of groups by kind; null: of that kind in none'),
  from: z.iso
    .date()
    .optional()
    .describe('local date from which groups, interval and offset count; always without'),
  intervalS: z
    .int()
    .min(1)
    .max(intervalSMax)
    .refine((seconds) => intervalSMax % seconds === 0, dividesDay)
    .optional()
    .describe(`length of its intervals: ${dividesDay}; a new meter needs one`),
  gridOffsetS: z
    .int()
    .min(0)
    .max(gridOffsetSMax)
    .optional()
    .describe('from local midnight to the first interval of a day; 0 when absent'),
  account: address
    .transform((text) => text.toLowerCase() as Address)
    .nullish()
    .describe('account that is paid; null: none'),
})
export type MeterChange = z.infer<typeof meterChange>

/**
 * The meter after a change.
 *
 * @param known null for one that is not enrolled.
 * @throws MeterIncompleteError for a new one without zone or interval.
 */
export function changeMeter(known: Meter | null, change: MeterChange): Meter {
  const { meter, zone = known?.zone, intervalS = known?.intervalS } = change
  if (zone === undefined || intervalS === undefined) {
    const missing = [...(zone === undefined ? ['zone'] : []), ...(intervalS ? [] : ['intervalS'])]
    throw new MeterIncompleteError({ meter, missing })
  }
  if (change.account === zeroAddress) throw new ZeroAccountError({ meter })
  // Throws an error with a clear message for an unknown zone.
  localDayOf(0, zone)
  const before = known ?? bareMeter({ meter, intervalS })
  return {
    meter,
    site: change.site ?? before.site,
    kind: change.kind ?? before.kind,
    zone,
    ...changeSteps(before.steps, { ...change, intervalS }, zone),
    groups: changeGroups(before.groups, change, zone),
    account: change.account === undefined ? before.account : change.account,
  }
}

/** Without a date it is as if there had never been another step, unless the newest one says so. */
function changeSteps(
  before: DatedSteps,
  change: MeterChange & { readonly intervalS: number },
  zone: string,
): Pick<Meter, 'intervalS' | 'steps'> {
  const newest = newestStep(before)
  const { intervalS, from } = change
  const gridOffsetS =
    change.gridOffsetS ?? (intervalS === newest.intervalS ? newest.gridOffsetS : 0)
  if (gridOffsetS >= intervalS) throw new GridOffsetError({ gridOffsetS, intervalS })
  const isSaid = change.intervalS !== newest.intervalS || gridOffsetS !== newest.gridOffsetS
  if (!isSaid) return { intervalS, steps: before }
  const fromMs = from === undefined ? 0 : Math.max(0, localDayNamed(from, zone).startMs)
  return { intervalS, steps: withStep(before, { fromMs, intervalS, gridOffsetS }) }
}

function changeGroups(
  before: readonly Membership[],
  { group, groups = {}, from }: MeterChange,
  zone: string,
): readonly Membership[] {
  const fromMs = from === undefined ? always.fromMs : localDayNamed(from, zone).startMs
  let memberships = before
  if (group !== undefined) {
    const { kind } = readGroupId(group)
    memberships = moveMember(memberships, { kind, group, fromMs })
  }
  for (const kind of groupKinds) {
    const name = groups[kind]
    if (name === undefined) continue
    const id = name === null ? null : groupIdOf({ kind, name })
    if (id !== null) readGroupId(id)
    memberships = moveMember(memberships, { kind, group: id, fromMs })
  }
  return memberships
}

export function isSame(left: Meter, right: Meter | undefined): boolean {
  return (
    left.site === right?.site &&
    left.kind === right.kind &&
    left.zone === right.zone &&
    areSame(left.groups, right.groups) &&
    areSameSteps(left.steps, right.steps) &&
    left.account === right.account
  )
}
