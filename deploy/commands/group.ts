import type { Command } from 'commander'
import { NothingSaidError } from '../../schemas/errors/commandLine.ts'
import { GroupGoneError } from '../../schemas/errors/meterCommand.ts'
import { groupIdOf, readGroupId } from '../../schemas/meter/group.ts'
import type { Groups } from '../../serving/shapes/views.ts'
import { readDate } from './flags.ts'
import { listAll } from './listMeters.ts'
import { readGroupFlag } from './meterChanges.ts'
import { answer, asWrongUse, type OutputOptions, table, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions
type SetOptions = Options & {
  readonly parent?: string
  readonly from?: string
  readonly dryRun?: boolean
}

/** `group list|show|set`. */
export function addGroupCommands(program: Command): void {
  const group = program
    .command('group')
    .description('groups of meters: communities, feeders, substations, micro-grids, tariffs')
    .addHelpText('after', '\nExample:\n  wattproof group set feeder=F1 --parent substation=S1')
  const list = group
    .command('list')
    .description('groups, their sizes and their meters; single meters need the token')
    .addHelpText('after', '\nExample:\n  wattproof group list')
  withPlace(withJson(list)).action(listGroups)
  const show = group
    .command('show <group>')
    .description('one group, with the time of each of its meters in it')
    .addHelpText('after', '\nExample:\n  wattproof group show feeder:F1')
  withPlace(withJson(show)).action(showGroup)
  const set = group
    .command('set <group> [meters...]')
    .description('put meters into a group, or a group into another')
    .option('--parent <kind=name>', 'group it is part of: a feeder’s substation; none: of none')
    .option('--from <date>', 'local date from which it counts (default: always)')
    .option('--dry-run', 'print what would be set; send nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  wattproof group set feeder=F1 M1 M2 --from 2026-03-01\n' +
        '  wattproof group set feeder=F1 --parent substation=S1',
    )
  withPlace(withJson(set)).action(setGroup)
}

async function listGroups(options: Options): Promise<void> {
  const document = await clientOf(options).get<Groups>('/groups')
  answer(options, document, () => {
    if (document.groups.length === 0) return 'No groups. `wattproof group set` makes one.'
    const rows = document.groups.map((each) => [
      ...[each.group, each.zone, each.intervalS, each.members, each.accounts],
      each.meters && `${each.meters.join(' ')}${each.meters.length === 100 ? ' …' : ''}`,
    ])
    return table(['group', 'zone', 'interval s', 'sites', 'with account', 'meters'], rows)
  })
}

async function showGroup(text: string, options: Options): Promise<void> {
  const group = asWrongUse(() => groupIdOf(readGroupFlag(text)))
  const client = clientOf(options)
  const [{ groups }, { meters }] = await Promise.all([
    client.get<Groups>('/groups'),
    listAll(client, { group }, Number.MAX_SAFE_INTEGER),
  ])
  const known = groups.find((each) => each.group === group)
  if (!known) throw new GroupGoneError({ group })
  const members = meters.flatMap(({ meter, site, kind, groups: memberships }) =>
    memberships
      .filter((each) => each.group === group)
      .map(({ from, until, isInherited }) => ({ meter, site, kind, from, until, isInherited })),
  )
  answer(options, { ...known, members }, () => {
    const rows = members.map((each) => [
      ...[each.meter, each.site, each.kind, each.from ?? 'always', each.until ?? ''],
      each.isInherited ? 'through its group' : '',
    ])
    return table(['meter', 'site', 'kind', 'from', 'until', ''], rows)
  })
}

async function setGroup(text: string, meters: string[], options: SetOptions): Promise<void> {
  const { parent: said, from, dryRun = false } = options
  const { kind, name } = asWrongUse(() => readGroupFlag(text))
  const group = groupIdOf({ kind, name })
  const dated = from === undefined ? {} : { from: readDate('--from', from) }
  if (meters.length === 0 && said === undefined)
    throw new NothingSaidError({ command: 'group set' })
  const parent = said === undefined || said === 'none' ? null : idOf(said)
  const members = meters.map((meter) => ({ meter, groups: { [kind]: name }, ...dated }))
  const parents = said === undefined ? [] : [{ group, parent, ...dated }]
  if (dryRun) {
    answer(options, { dryRun, meters: members, groups: parents }, () => `Would set ${group}.`)
    return
  }
  const client = clientOf(options)
  const report = {
    ...(members.length > 0 ? { meters: await client.post<object>('/meters', members) } : {}),
    ...(parents.length > 0 ? { groups: await client.post<object>('/groups', parents) } : {}),
  }
  answer(options, { group, ...report }, () => `Set ${group}.`)
}

function idOf(text: string): string {
  return asWrongUse(() => {
    const id = groupIdOf(readGroupFlag(text))
    readGroupId(id)
    return id
  })
}
