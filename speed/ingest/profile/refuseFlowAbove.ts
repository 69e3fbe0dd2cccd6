import { TwoAnswersError } from '../../../schemas/errors/profile.ts'
import type { Table } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import { namesFedIn, namesProduced } from './flowWords.ts'
import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'

const names = new Set([
  ...[
    'direction',
    'energy direction',
    'flow',
    'flow direction',
    'obis',
    'obis code',
    'obis kennzahl',
  ],
  ...['richtung', 'energierichtung', 'lastrichtung', 'grandeur metier', 'sens', 'direccion'],
  ...['direcao', 'direzione', 'richting', 'retning', 'riktning'],
])

/**
 * Refuses a file that says above its header that it is of what is fed in, beside the word or under
 * it, where neither the profile nor a name of a column has a direction.
 *
 * @throws TwoAnswersError
 */
export function refuseFlowAbove(
  { preamble, headerLine }: Pick<Table, 'preamble' | 'headerLine'>,
  { sign }: Profile,
  { at, values }: Columns,
): void {
  if (sign !== undefined || headerLine === null || at.flow !== undefined) return
  if (at.channel !== undefined || values.some(({ isExport }) => isExport)) return
  const above = preamble.filter(({ line }) => line < headerLine)
  for (const [index, { cells }] of above.entries()) {
    const column = cells.findIndex((cell) => names.has(plainName(cell)))
    if (column < 0) continue
    const around = [cells[column + 1], above[index + 1]?.cells[column]]
    const word = around.find((text) => text !== undefined && isFedIn(text))
    if (word === undefined) continue
    throw new TwoAnswersError({
      ...{ field: 'sign', example: `${cells[column]!.trim()} "${word.trim()}" above the header` },
      left: 'what is fed in (export)',
      right: 'a word about something else (import)',
    })
  }
}

function isFedIn(text: string): boolean {
  return namesFedIn(text) || namesProduced(text)
}
