import { type Command, Option } from 'commander'
import { DeadLetterGoneError } from '../../schemas/errors/commandLine.ts'
import { rejectReasons } from '../../schemas/reading/reading.ts'
import type { Rejected } from '../../serving/shapes/status.ts'
import { answer, type OutputOptions, outline, table, wholeNumber, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions & { readonly dryRun?: boolean }
type ListOptions = Options & {
  readonly reason?: string
  readonly file?: string
  readonly before?: number
  readonly limit: number
}

/** Most rows in one answer of the API. */
const pageMax = 1_000

/** `dlq list|show|retry`. */
export function addDeadLetterCommands(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('readings that were refused, and why')
    .addHelpText('after', '\nExample:\n  wattproof dlq list')
  const list = dlq
    .command('list')
    .description('newest first')
    .addOption(reasonOption())
    .option('--file <name>', 'only those of a file, or of a client that sent no name')
    .option('--before <offset>', 'only older ones, as the last line says', wholeNumber('--before'))
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 50)
    .addHelpText(
      'after',
      '\nExamples:\n  wattproof dlq list --reason unknown-meter\n' +
        '  wattproof dlq list --file week.csv --before 4711',
    )
  withPlace(withJson(list)).action(listDeadLetters)
  const show = dlq
    .command('show <offset>')
    .description('one rejected reading, with its original bytes')
    .addHelpText('after', '\nExample:\n  wattproof dlq show 17')
  withPlace(withJson(show)).action(async (offset: string, options: Options) => {
    wholeNumber('OFFSET')(offset)
    const query = new URLSearchParams({ from: offset, limit: '1' })
    const document = await clientOf(options).get<Rejected>(`/rejected?${query}`)
    if (String(document.rejected[0]?.offset) !== offset) {
      throw new DeadLetterGoneError({ offset })
    }
    answer(options, document, () => outline(document))
  })
  const retry = dlq
    .command('retry')
    .description('check rejected readings again, for instance after enrolling a meter')
    .addOption(reasonOption())
    .option('--dry-run', 'print how many would be accepted')
    .addHelpText('after', '\nExample:\n  wattproof dlq retry --reason unknown-meter')
  withPlace(withJson(retry)).action(async (options: Options & { reason?: string }) => {
    const { retryDeadLetters } = await import('./retryDeadLetters.ts')
    await retryDeadLetters(options)
  })
}

function reasonOption(): Option {
  return new Option('--reason <reason>', 'only these').choices(rejectReasons)
}

async function listDeadLetters(options: ListOptions): Promise<void> {
  const { reason, file, limit } = options
  const rejected: Rejected['rejected'] = []
  let next: number | null = options.before ?? null
  do {
    const page = Math.min(limit - rejected.length, pageMax)
    const query = new URLSearchParams({ limit: String(page) })
    if (reason) query.set('reason', reason)
    if (file) query.set('source', file)
    if (next !== null) query.set('before', String(next))
    const found: Rejected = await clientOf(options).get<Rejected>(`/rejected?${query}`)
    rejected.push(...found.rejected)
    next = found.next
  } while (next !== null && rejected.length < limit)
  answer(options, { rejected, next }, () => {
    if (rejected.length === 0) return 'Nothing was refused.'
    const rows = rejected.map((each) => {
      const { offset, source, line, column, value, detail } = each
      return [offset, source, line > 0 ? line : '', column, value, each.reason, detail]
    })
    const header = ['offset', 'file', 'line', 'column', 'value', 'reason', 'detail']
    const more = next === null ? '' : `\nThere are more: --before ${next}`
    return `${table(header, rows)}${more}`
  })
}
