import type { Command } from 'commander'
import { answer, type OutputOptions, table, withJson } from './output.ts'
import { type ProfileFlags, withProfileFlags } from './profileFlags.ts'

/** `profile list|show|test`: how files of utilities are read, without a server. */
export function addProfileCommands(program: Command): void {
  const profile = program
    .command('profile')
    .description('how files of readings are read')
    .addHelpText('after', '\nExample:\n  wattproof profile list')
  const list = profile
    .command('list')
    .description('the built-in profiles, one for each of the common exports')
    .addHelpText('after', '\nExample:\n  wattproof profile list')
  withJson(list).action(async (options: OutputOptions) => {
    const { builtInProfiles } = await import('../../speed/ingest/profile/builtInProfiles.ts')
    const named = [...builtInProfiles.values()].map(({ name, title }) => ({ name, title }))
    answer(options, named, () =>
      table(
        ['name', 'export'],
        named.map(({ name, title }) => [name, title]),
      ),
    )
  })
  const show = profile
    .command('show <name>')
    .description('a built-in profile as JSON: the beginning of your own')
    .addHelpText('after', '\nExample:\n  wattproof profile show octopus > mine.json')
  withJson(show).action(async (name: string, options: OutputOptions) => {
    const { profileOf } = await import('./readProfileFlags.ts')
    const shown = profileOf({ profile: name })
    answer(options, shown, () => JSON.stringify(shown, null, 2))
  })
  const test = profile
    .command('test <file>')
    .description('show how a file would be read, on what evidence, and each refused cell')
    .addHelpText('after', '\nExample:\n  wattproof profile test export.csv --profile enedis')
  withProfileFlags(withJson(test)).action(
    async (file: string, options: OutputOptions & ProfileFlags) => {
      // As `ingest` reads it, and by the same code.
      const { ingestFiles } = await import('./ingestFiles.ts')
      await ingestFiles([file], { ...options, dryRun: true, wait: false })
    },
  )
}
