import type { Command } from 'commander'
import { isTableRefusal, type TableRefusal } from '../../speed/ingest/table/table.ts'
import { readLocalFile } from './localFiles.ts'
import { answer, type OutputOptions, table, withJson } from './output.ts'

/** `profile test FILE`: how a file is read, without a server. */
export function addProfileCommands(program: Command): void {
  const profile = program.command('profile').description('how files of readings are read')
  const test = profile
    .command('test <file>')
    .description('what is understood of a file: encoding, delimiter, header, and rows refused')
    .addHelpText('after', '\nExample:\n  wattproof profile test export.csv')
  withJson(test).action(async (file: string, options: OutputOptions) => {
    // Loaded here: other commands do not need the readers of tables.
    const { readTable } = await import('../../speed/ingest/table/readTable.ts')
    const read = readTable(readLocalFile(file), {})
    const refused: TableRefusal[] = []
    let rows = 0
    for (const row of read.rows()) {
      if (isTableRefusal(row)) refused.push(row)
      else rows++
    }
    const { header, evidence } = read
    const listed = refused.map(({ line, reason, detail }) => ({ line, reason, detail }))
    answer(options, { header, evidence, rows, refused: listed }, () => {
      const found = evidence.map(({ field, value, why }) => [field, value, why])
      const faults = listed.slice(0, listedMax).map(({ line, detail }) => `line ${line}: ${detail}`)
      const more = refused.length > listedMax ? [`… and ${refused.length - listedMax} more`] : []
      const counts = `${rows} rows read, ${refused.length} refused`
      const understood = table(['what', 'found', 'why'], found)
      return [understood, `columns: ${header.join(', ')}`, counts, ...faults, ...more].join('\n')
    })
    if (rows === 0) process.exitCode = 1
  })
}

const listedMax = 20
