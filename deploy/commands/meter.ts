import type { Command } from 'commander'
import { NothingSaidError } from '../../schemas/errors/commandLine.ts'
import { MeterGoneError } from '../../schemas/errors/meterCommand.ts'
import type { Meters } from '../../serving/shapes/sites.ts'
import type { ApiClient } from '../client/client.ts'
import { describeMemberships, listAll } from './listMeters.ts'
import { changeOf, type MeterFlags, siteChangeOf } from './meterChanges.ts'
import { readMeterFile } from './meterFile.ts'
import { answer, type OutputOptions, outline, table, wholeNumber, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions
type ListOptions = Options & {
  readonly site?: string
  readonly kind?: string
  readonly group?: string
  readonly limit: number
}
type SetOptions = Options & MeterFlags & { readonly file?: string; readonly dryRun?: boolean }

const setExamples = `
What is not said stays as it is; a new meter needs --zone and --interval.

Examples:
  wattproof meter set MAC000005 --zone Europe/London --interval 1800 --group dynamic \\
    --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
  wattproof meter set S1-in S1-out --site S1 --group feeder=F1 --group tariff=day --from 2026-03-01
  wattproof meter set S1-out --kind export
  wattproof meter set S1-in --point flex=net --occupancy none
  wattproof meter set --file meters.csv --dry-run

A file has a line a meter, under the names of the flags: meter,site,kind,zone,interval,
grid-offset,group,account,point,occupancy,from`

/** `meter list|show|set`. */
export function addMeterCommands(program: Command): void {
  const meter = program
    .command('meter')
    .description('enrolled meters')
    .addHelpText('after', '\nExample:\n  wattproof meter list --site S1')
  const list = meter
    .command('list')
    .description('meters by id; `group list` has the groups')
    .option('--site <site>', 'only those of a site')
    .option('--kind <kind>', 'only those of a kind, such as net or generation')
    .option('--group <group>', 'only those that are or were in a group, such as feeder:F1')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 1_000)
    .addHelpText('after', '\nExample:\n  wattproof meter list --group feeder:F1')
  withPlace(withJson(list)).action(listMeters)
  const show = meter
    .command('show <meters...>')
    .description('meters in full, with the settlement points and occupancies of their sites')
    .addHelpText('after', '\nExample:\n  wattproof meter show MAC000005')
  withPlace(withJson(show)).action(showMeters)
  const set = meter
    .command('set [meters...]')
    .description('enrol meters or change their properties')
    .option('--site <site>', 'connection or plant they belong to (default: each its own)')
    .option('--kind <kind>', 'net, import, export, load, generation, storage or appliance')
    .option('--zone <zone>', 'IANA zone of the site, such as Europe/London')
    .option('--interval <seconds>', 'length of their intervals', wholeNumber('--interval', 1))
    .option(
      '--grid-offset <seconds>',
      'from local midnight to their first',
      wholeNumber('--grid-offset'),
    )
    .option('--group <kind=name>', 'group of a kind, again for others; none: in none', collect)
    .option('--account <address>', 'account that is paid; `none`: no payments')
    .option('--point <programme=what>', 'what is settled of the site: net, load, "+M1 -M2", none')
    .option('--occupancy <address>', 'account that the site is settled with; `none`: nobody')
    .option('--from <date>', 'local date from which interval, groups, point and occupancy count')
    .option('--file <file>', 'a CSV with a line a meter; - is standard input')
    .option('--dry-run', 'print what would be set; send nothing')
    .addHelpText('after', setExamples)
  withPlace(withJson(set)).action(setMeters)
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

async function listMeters(options: ListOptions): Promise<void> {
  const { site, kind, group, limit } = options
  const document = await listAll(clientOf(options), { site, kind, group }, limit)
  answer(options, document, () => {
    if (document.meters.length === 0) return 'No meters. `wattproof meter set` enrols some.'
    const rows = document.meters.map((each) => {
      const groups = describeMemberships(each.groups)
      return [each.meter, each.site, each.kind, each.zone, each.intervalS, groups, each.account]
    })
    const text = table(['meter', 'site', 'kind', 'zone', 'interval s', 'groups', 'account'], rows)
    return document.next === null ? text : `${text}\n… and more; --limit shows them.`
  })
}

async function showMeters(names: string[], options: Options): Promise<void> {
  const client = clientOf(options)
  const shown: Awaited<ReturnType<typeof showMeter>>[] = []
  for (const name of names) shown.push(await showMeter(client, name))
  answer(options, { meters: shown }, () => shown.map((each) => outline(each)).join('\n\n'))
}

async function showMeter(client: ApiClient, name: string) {
  const asked = encodeURIComponent(name)
  const { meters } = await client.get<Meters>(`/meters?meter=${asked}`)
  const [meter] = meters
  if (!meter) throw new MeterGoneError({ meter: name })
  const site = encodeURIComponent(meter.site)
  const [{ points }, { occupancies }] = await Promise.all([
    client.get<{ points: object[] }>(`/points?site=${site}`),
    client.get<{ occupancies: object[] }>(`/occupancies?site=${site}`),
  ])
  return { ...meter, points, occupancies }
}

async function setMeters(names: string[], options: SetOptions): Promise<void> {
  const lines = linesOf(names, options)
  const changes = lines.map(({ meter, flags }) => changeOf(meter, flags))
  const sites = lines.map(({ meter, flags }) => ({ meter, ...siteChangeOf(flags) }))
  if (options.dryRun) {
    const points = sites.filter(({ point }) => point)
    const occupancies = sites.filter(({ occupancy }) => occupancy)
    const document = { dryRun: true, meters: changes, points, occupancies }
    answer(options, document, () => `Would set ${changes.map(({ meter }) => meter).join(', ')}.`)
    return
  }
  const client = clientOf(options)
  const report = await client.post<{ enrolled: number; unchanged: number }>('/meters', changes)
  const more = await setSites(client, sites)
  answer(options, { ...report, ...more }, () => {
    const said = Object.entries(more).map(([what, { changed }]) => ` ${what}: ${changed} changed.`)
    return `${report.enrolled} enrolled, ${report.unchanged} unchanged.${said.join('')}`
  })
}

/** @throws NothingSaidError without a meter, or without anything to set. */
function linesOf(names: readonly string[], options: SetOptions) {
  const { site, kind, zone, interval, gridOffset, group, account, from, point, occupancy } = options
  const said = { site, kind, zone, interval, gridOffset, group, account, from, point, occupancy }
  const entries = Object.entries(said).filter(([, value]) => value !== undefined)
  const flags = Object.fromEntries(entries) as MeterFlags
  const isSaid = entries.some(([name]) => name !== 'from')
  if (options.file !== undefined) {
    // Flags say what the lines do not.
    const lines = readMeterFile(options.file)
    return lines.map((line) => ({ meter: line.meter, flags: { ...flags, ...line.flags } }))
  }
  if (names.length === 0 || !isSaid) throw new NothingSaidError({ command: 'meter set' })
  return names.map((meter) => ({ meter, flags }))
}

type SiteLine = ReturnType<typeof siteChangeOf> & { readonly meter: string }
type Changed = { readonly changed: number; readonly unchanged: number }

/** Points and occupancies of the sites of the meters, each site once. */
async function setSites(client: ApiClient, lines: readonly SiteLine[]) {
  const points = new Map<string, object>()
  const occupancies = new Map<string, object>()
  for (const { meter, point, occupancy } of lines) {
    if (!point && !occupancy) continue
    const { meters } = await client.get<Meters>(`/meters?meter=${encodeURIComponent(meter)}`)
    const { site } = meters[0]!
    if (point) points.set(site, { site, ...point })
    if (occupancy) occupancies.set(site, { site, ...occupancy })
  }
  const send = (path: string, bodies: ReadonlyMap<string, object>) => {
    return client.post<Changed>(path, [...bodies.values()])
  }
  return {
    ...(points.size > 0 ? { points: await send('/points', points) } : {}),
    ...(occupancies.size > 0 ? { occupancies: await send('/occupancies', occupancies) } : {}),
  }
}
