import type { Command } from 'commander'
import { MissingFlagsError } from '../../schemas/errors/commandLine.ts'
import type { Groups } from '../../serving/shapes/views.ts'
import { readAddress } from './flags.ts'
import { answer, type OutputOptions, table, wholeNumber, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type ListOptions = PlaceOptions & OutputOptions
type SetOptions = ListOptions & {
  readonly zone: string
  readonly interval: number
  readonly group: string
  /** `none`: it takes part in no programme. */
  readonly account: string
  readonly dryRun?: boolean
}

/** `meter list|set`. */
export function addMeterCommands(program: Command): void {
  const meter = program.command('meter').description('enrolled meters')
  const list = meter
    .command('list')
    .description('groups and their meters; single meters need the token')
    .addHelpText('after', '\nExample:\n  wattproof meter list')
  withPlace(withJson(list)).action(listMeters)
  const set = meter
    .command('set <meters...>')
    .description('enrol meters, or change how they are enrolled')
    // All four are needed. Commander's own check would name one at a time.
    .option('--zone <zone>', 'IANA zone of the site, such as Europe/London')
    .option('--interval <seconds>', 'length of its intervals', wholeNumber('--interval'))
    .option('--group <group>', 'group it is summed in')
    .option('--account <address>', 'account that is paid; `none`: no payments')
    .option('--dry-run', 'print what would be enrolled; send nothing')
    .addHelpText(
      'after',
      '\nExample:\n  wattproof meter set MAC000005 --zone Europe/London --interval 1800 ' +
        '--group dynamic --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    )
  withPlace(withJson(set)).action(setMeters)
}

async function listMeters(options: ListOptions): Promise<void> {
  const document = await clientOf(options).get<Groups>('/groups')
  answer(options, document, () => {
    if (document.groups.length === 0) return 'No meters yet. `wattproof meter set` enrols some.'
    const rows = document.groups.map((each) => [
      each.group,
      each.zone,
      each.intervalS,
      each.members,
      each.accounts,
      each.meters?.join(' '),
    ])
    return table(['group', 'zone', 'interval s', 'meters', 'with account', 'names'], rows)
  })
}

async function setMeters(names: string[], typed: Partial<SetOptions>): Promise<void> {
  const options = wholeSet(typed)
  const { zone, interval: intervalS, group, dryRun = false } = options
  const account = options.account === 'none' ? null : readAddress('--account', options.account)
  const meters = names.map((meter) => ({ meter, zone, intervalS, group, account }))
  if (dryRun) {
    answer(options, { dryRun, meters }, () => `Would enrol ${names.join(', ')}.`)
    return
  }
  const report = await clientOf(options).post<{ enrolled: number; unchanged: number }>(
    '/meters',
    meters,
  )
  answer(options, report, () => `${report.enrolled} enrolled, ${report.unchanged} unchanged.`)
}

/** @throws MissingFlagsError that names all of them. */
function wholeSet(typed: Partial<SetOptions>): SetOptions {
  const needed = ['zone', 'interval', 'group', 'account'] as const
  const missing = needed.filter((flag) => typed[flag] === undefined)
  if (missing.length === 0) return typed as SetOptions
  throw new MissingFlagsError({ command: 'meter set', missing: missing.map((flag) => `--${flag}`) })
}
