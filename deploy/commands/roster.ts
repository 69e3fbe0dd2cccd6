import type { Command } from 'commander'
import { counted } from '../../schemas/errors/counted.ts'
import { rosterIdOf } from '../../schemas/reading/roster.ts'
import type { ListedRosters, RosterAnswer, RosterMeters } from '../../speed/api/describeRosters.ts'
import { readLocalFile } from './localFiles.ts'
import { answer, type OutputOptions, table, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions
type AddOptions = Options & { readonly dryRun?: boolean }

/** `roster add|list|show`: lists of meters that a gateway's frames name by an id. */
export function addRosterCommands(program: Command): void {
  const roster = program
    .command('roster')
    .description('lists of meters, registered once so that frames need not list them')
    .addHelpText('after', '\nExample:\n  wattproof roster add meters.txt')
  const add = roster
    .command('add <file>')
    .description('register the meters of a file, one a line, in their order; -: standard input')
    .option('--dry-run', 'check the list and print the id that it would get; send nothing')
    .addHelpText('after', '\nExample:\n  wattproof roster add meters.txt')
  withPlace(withJson(add)).action(addRoster)
  const list = roster
    .command('list')
    .description('registered rosters, the latest first')
    .addHelpText('after', '\nExample:\n  wattproof roster list')
  withPlace(withJson(list)).action(listRosters)
  const show = roster
    .command('show <roster>')
    .description('the meters of one, in their order')
    .addHelpText('after', '\nExample:\n  wattproof roster show 1cfb3287cf08694a')
  withPlace(withJson(show)).action(showRoster)
}

async function addRoster(file: string, options: AddOptions): Promise<void> {
  const text = new TextDecoder().decode(readLocalFile(file))
  const meters = text.split(/\r?\n/).flatMap((line) => line.trim() || [])
  if (options.dryRun) {
    // Loaded here: no other command needs the API's checks.
    const { readRoster } = await import('../../speed/api/rosterBody.ts')
    const roster = rosterIdOf(readRoster({ meters }))
    answer(options, { dryRun: true, roster, meters }, () => {
      return `Would register roster ${roster} of ${counted(meters.length, 'meter')}.`
    })
    return
  }
  const added = await clientOf(options).post<RosterAnswer>('/rosters', { meters })
  answer(options, added, () => {
    const known = added.isNew ? '' : ', which was registered before'
    return `Roster ${added.roster} of ${counted(added.meters, 'meter')}${known}.`
  })
}

async function listRosters(options: Options): Promise<void> {
  const document = await clientOf(options).get<ListedRosters>('/rosters')
  answer(options, document, () => {
    if (document.rosters.length === 0) return 'No rosters. `wattproof roster add FILE` makes one.'
    const rows = document.rosters.map((each) => [each.roster, each.meters, each.registered])
    return table(['roster', 'meters', 'registered'], rows)
  })
}

async function showRoster(roster: string, options: Options): Promise<void> {
  const path = `/rosters/${encodeURIComponent(roster)}`
  const document = await clientOf(options).get<RosterMeters>(path)
  answer(options, document, () => document.meters.join('\n'))
}
