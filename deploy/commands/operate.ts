import type { Command } from 'commander'
import { describeConfig } from '../installation/config.ts'
import { addDeadLetterCommands } from './deadLetters.ts'
import { type Finding, runDoctor } from './doctor.ts'
import { answer, type OutputOptions, outline, table, withJson } from './output.ts'
import { clientOf, configOf, type PlaceOptions, runningConfigOf, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions & { readonly dryRun?: boolean }

/** `doctor`, `migrate`, `config print`, `dlq list|show|retry`, `status`. */
export function addOperateCommands(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('check versions, modules, disk, permissions, clock, ports and engines')
    .option('--port <port>', 'port of the API (default 8420)')
    .addHelpText('after', '\nExample:\n  wattproof doctor')
  withPlace(withJson(doctor)).action(async (options: Options & { port?: string }) => {
    const findings = await runDoctor(runningConfigOf(options))
    answer(options, { findings }, () => findings.map(lineOf).join('\n'))
    if (findings.some((each) => each.state === 'bad')) process.exitCode = 1
  })

  const migrateCommand = program
    .command('migrate')
    .description('bring the tables of VIEWS_URL up to date')
    .option('--dry-run', 'list the pending migrations')
    .addHelpText('after', '\nExample:\n  VIEWS_URL=http://user:pw@host:8123 wattproof migrate')
  withJson(migrateCommand).action(runMigrate)

  const print = program
    .command('config')
    .description('the configuration')
    .addHelpText('after', '\nExample:\n  wattproof config print')
    .command('print')
    .description('every key, its value (secrets are redacted) and its meaning')
    .addHelpText('after', '\nExample:\n  wattproof config print')
  withJson(print).action((options: Options) => {
    const description = describeConfig(configOf(options))
    const rows = Object.entries(description).map(([key, { value, about }]) => {
      return [key, String(value ?? ''), about]
    })
    answer(options, description, () => table(['key', 'value', 'about'], rows))
  })

  const status = program.command('status').description('ingest counters, lag, watermark, chain')
  withPlace(withJson(status.addHelpText('after', '\nExample:\n  wattproof status'))).action(
    async (options: Options) => {
      const document = await clientOf(options).get<object>('/status')
      answer(options, document, () => outline(document))
    },
  )
  addDeadLetterCommands(program)
}

async function runMigrate(options: Options): Promise<void> {
  const config = configOf(options)
  const { migrate, urlToMigrate } = await import('../engines/views/migrate.ts')
  const url = await urlToMigrate(config)
  const document = await migrate({ url, dryRun: options.dryRun === true })
  answer(options, document, () => {
    const list = options.dryRun ? document.pending : document.applied
    if (list.length === 0) return 'The tables are up to date.'
    return `${options.dryRun ? 'Pending' : 'Applied'}: ${list.join(', ')}`
  })
}

function lineOf(finding: Finding): string {
  const mark = { good: 'ok  ', bad: 'BAD ', unknown: '-   ' }[finding.state]
  return `${mark} ${finding.what}: ${finding.sentence}`
}
