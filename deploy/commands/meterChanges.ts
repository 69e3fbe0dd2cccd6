import { MeterIdError } from '../../schemas/errors/meter.ts'
import { GroupFlagError, KindFlagError, PointFlagError } from '../../schemas/errors/meterCommand.ts'
import { type Address, isMeterId } from '../../schemas/ids.ts'
import { readGroupId } from '../../schemas/meter/group.ts'
import { type GroupKind, groupKinds } from '../../schemas/meter/groupKind.ts'
import { type MeterKind, meterKinds } from '../../schemas/meter/kind.ts'
import { readTerms } from '../../schemas/meter/point.ts'
import { localDayOf } from '../../schemas/time.ts'
import { readAddress, readDate } from './flags.ts'
import { asWrongUse } from './output.ts'

/** What is said of meters, as flags or as cells of a file. */
export type MeterFlags = {
  readonly site?: string
  readonly kind?: string
  readonly zone?: string
  readonly interval?: number
  /** From local midnight to the day's first interval, s. */
  readonly gridOffset?: number
  /** `KIND=NAME`, or an id. */
  readonly group?: readonly string[]
  /** `none`: it takes part in no programme. */
  readonly account?: string
  readonly from?: string
  /** `PROGRAMME=net`. */
  readonly point?: string
  /** An account, or `none`. */
  readonly occupancy?: string
}

/** A body of `POST /meters`, without those that were not said. */
export type MeterChange = {
  readonly meter: string
  readonly site?: string
  readonly kind?: MeterKind
  readonly zone?: string
  readonly intervalS?: number
  readonly gridOffsetS?: number
  readonly groups?: Readonly<Partial<Record<GroupKind, string | null>>>
  readonly account?: Address | null
  readonly from?: string
}

/** What the flags say of a meter, checked as far as can be without the server. */
export function changeOf(meter: string, flags: MeterFlags): MeterChange {
  return asWrongUse(() => {
    for (const name of [meter, ...(flags.site === undefined ? [] : [flags.site])]) {
      if (!isMeterId(name)) throw new MeterIdError({ text: name })
    }
    if (flags.zone !== undefined) localDayOf(0, flags.zone)
    const { site, zone, interval: intervalS, gridOffset: gridOffsetS, from } = flags
    const said = {
      ...{
        site,
        zone,
        intervalS,
        gridOffsetS,
        from: from === undefined ? undefined : readDate('--from', from),
      },
      kind: flags.kind === undefined ? undefined : readKind(flags.kind),
      groups: flags.group === undefined ? undefined : readGroups(flags.group),
      account: flags.account === undefined ? undefined : readAccount('--account', flags.account),
    }
    return { meter, ...withoutUndefined(said) } as MeterChange
  })
}

export type SiteChange = {
  readonly point?: {
    readonly programme: string
    readonly quantity?: string
    readonly terms?: string
    readonly from?: string
  }
  readonly occupancy?: { readonly account: Address | null; readonly from?: string }
}

/** What the flags say of a meter's site. */
export function siteChangeOf({ point, occupancy, from }: MeterFlags): SiteChange {
  const dated = from === undefined ? {} : { from }
  return asWrongUse(() => ({
    ...(point === undefined ? {} : { point: { ...readPoint(point), ...dated } }),
    ...(occupancy === undefined
      ? {}
      : { occupancy: { account: readAccount('--occupancy', occupancy), ...dated } }),
  }))
}

function readKind(text: string): MeterKind {
  const kind = meterKinds.find((each) => each === text)
  if (kind === undefined) throw new KindFlagError({ text, kinds: meterKinds })
  return kind
}

/** `feeder=F1`, `feeder=none`, or an id: `north`, `feeder:F1`. */
function readGroups(texts: readonly string[]): Partial<Record<GroupKind, string | null>> {
  const groups: Partial<Record<GroupKind, string | null>> = {}
  for (const text of texts) {
    const { kind, name } = readGroupFlag(text)
    if (groups[kind] !== undefined) throw new GroupFlagError({ text, kinds: groupKinds })
    groups[kind] = name === 'none' && text.includes('=') ? null : name
  }
  return groups
}

export function readGroupFlag(text: string): { readonly kind: GroupKind; readonly name: string } {
  const cut = text.indexOf('=')
  if (cut < 0) return readGroupId(text)
  const kind = groupKinds.find((each) => each === text.slice(0, cut))
  const name = text.slice(cut + 1)
  if (kind === undefined || !isMeterId(name)) throw new GroupFlagError({ text, kinds: groupKinds })
  return { kind, name }
}

function readAccount(option: string, text: string): Address | null {
  return text === 'none' ? null : readAddress(option, text)
}

/** `flex=net`, `flex=load`, `flex=+A -B`, `flex=none`. */
function readPoint(text: string) {
  const cut = text.indexOf('=')
  const [programme, what] = [text.slice(0, cut), text.slice(cut + 1).trim()]
  if (cut < 1 || what === '') throw new PointFlagError({ text })
  if (what === 'net' || what === 'load') return { programme, quantity: what }
  if (what === 'none') return { programme, terms: '' }
  readTerms(what)
  return { programme, terms: what }
}

function withoutUndefined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
