import { describe, expect, test } from 'vitest'
import { decodeDeadLetter, encodeDeadLetter } from '../../../schemas/reading/deadLetter.ts'
import { isoUtc } from '../../../schemas/time.ts'
import type { Draft } from '../draft.ts'
import { isRefusal, judgeDraft } from '../judgeDraft.ts'
import type { Profile } from '../profile/profileShape.ts'
import { toRejection } from './parseBody.ts'
import type { RawRow } from './rawRow.ts'
import { readFile } from './readFile.ts'
import { rowsOfDeadLetter } from './rowsOfDeadLetter.ts'

const nowMs = Date.UTC(2025, 0, 1)
const kwh: Profile = { layout: 'wide', unit: 'kWh' }

function read(text: string | Uint8Array, profile: Profile = {}) {
  return readFile(Buffer.from(text), { profile, nowMs })
}

const notEnrolled = { reason: 'unknown-meter', detail: 'It is not enrolled.' } as const

/** `meter mWh` of each cell, out of its dead letter alone. */
function retried(text: string, profile: Profile): string[] {
  return read(text, profile).rows.map(({ row, outcome }) => {
    const refusal = isRefusal(outcome) ? outcome : notEnrolled
    const rejection = toRejection(row, refusal, { source: 'f' })
    const [item] = rowsOfDeadLetter(decodeDeadLetter(encodeDeadLetter(rejection, nowMs)))
    if (!item || 'gaps' in item) return 'nothing'
    const { content } = item
    const again = 'reason' in content ? content : judgeDraft(content, nowMs)
    return isRefusal(again) ? again.reason : `${again.meter} ${again.energyMwh}`
  })
}

describe('a dead letter is its own cell', () => {
  test.each<[string, string, Profile, string[]]>([
    [
      'a quoted delimiter in the name of a neighbour',
      'start,"Hall, east",B\n2024-01-01T00:00Z,1,5\n2024-01-01T00:30Z,2,6\n',
      kwh,
      ['B 5000000', 'bad-meter-id', 'B 6000000', 'bad-meter-id'],
    ],
    [
      'thousands in a quoted cell',
      'start,A,B\n2024-01-01T00:00Z,"1,234.5",7\n2024-01-01T00:30Z,"2,345.5",8\n',
      { ...kwh, unit: 'Wh' },
      ['A 1234500', 'B 7000', 'A 2345500', 'B 8000'],
    ],
    [
      'a quote within a quoted cell, and a semicolon',
      'start;note;A\n2024-01-01T00:00Z;"a ""b;"" c";1,5\n2024-01-01T00:30Z;"x";2,5\n',
      { unit: 'kWh', columns: { start: 'start', value: 'A' }, meter: 'M' },
      ['M 1500000', 'M 2500000'],
    ],
    [
      'import and export in one row',
      'meter,time,import (kWh),export (kWh)\nA,2024-01-01T00:00Z,1,2\nA,2024-01-01T00:30Z,3,4\n',
      {},
      ['A 1000000', 'A-export -2000000', 'A 3000000', 'A-export -4000000'],
    ],
    [
      'a row a day',
      'meter,date,00:00,00:30\nA,2024-01-01,1,2\nA,2024-01-02,3,x\n',
      { layout: 'days', unit: 'kWh' },
      ['A 1000000', 'A 2000000', 'A 3000000', 'not-a-number'],
    ],
    [
      'tidy, with its columns in another order',
      'energy_wh,"start",duration_s,meter\n"1.5",2024-01-01 00:30,1800,A\nx,2024-01-01,1800,A\n',
      { zone: 'Europe/Paris' },
      ['A 1500', 'not-a-number'],
    ],
  ])('%s', (_, text, profile, expected) => {
    expect(retried(text, profile)).toEqual(expected)
  })
})

describe('a refused cell of a row a day, alone,', () => {
  const names = (name: (at: number) => string) => Array.from({ length: 48 }, (_, at) => name(at))
  const endOf = (at: number) => `${String((at + 1) >> 1).padStart(2, '0')}:${at % 2 ? '00' : '30'}`
  test.each([
    ['counted', names((at) => `HH${at + 1}`), 5, '02:30', '2024-01-01T02:30'],
    [
      'an end, of midnight',
      names((at) => endOf(at).replace('24', '00')),
      47,
      '24:00',
      '2024-01-01T23:30',
    ],
  ])('has its own time where columns are %s', (_, header, wrong, name, start) => {
    const cells = header.map((__, at) => (at === wrong ? 'x' : `${at % 7}`))
    const text = `meter,date,${header.join(',')}\nA,2024-01-01,${cells.join(',')}\n`
    const { rows } = read(text, { layout: 'days', unit: 'kWh' })
    const [refused] = rows.filter(({ outcome }) => isRefusal(outcome))
    const rejection = toRejection(refused!.row, refused!.outcome as never, { source: 'f' })
    const letter = decodeDeadLetter(encodeDeadLetter(rejection, nowMs))
    expect(JSON.parse(letter.readAs).header).toEqual(['meter', 'date', name])
    const mended = { ...letter, readAs: letter.readAs.replace('"x"', '"3"') }
    const [item] = rowsOfDeadLetter(mended) as Iterable<RawRow>
    expect(isoUtc((item!.content as Draft).start as number).slice(0, 16)).toBe(start)
    expect(item!.content).toMatchObject({ durationS: 1800, energyMwh: 3_000_000n })
  })
})

describe('line ends', () => {
  const rows = ['start,A', '2024-01-01T00:00Z,1', '2024-01-01T00:30Z,x', '2024-01-01T01:00Z,3']
  test.each([
    ['LF', rows.join('\n'), [2, 3, 4]],
    ['CR LF and one at the end', `${rows.join('\r\n')}\r\n`, [2, 3, 4]],
    ['CR', `${rows.join('\r')}\r`, [2, 3, 4]],
    ['CR CR LF, of a copy in text mode', rows.join('\r\r\n'), [2, 3, 4]],
    ['all of them in one file', `${rows[0]}\r\n${rows[1]}\n${rows[2]}\r${rows[3]}`, [2, 3, 4]],
    ['a blank first line', `\n${rows.join('\n')}`, [3, 4, 5]],
    ['blank lines with blanks', `${rows[0]}\n \n${rows.slice(1).join('\n\t\n')}`, [3, 5, 7]],
    ['UTF-16', Buffer.from(`\ufeff${rows.join('\r\n')}`, 'utf16le'), [2, 3, 4]],
  ])('%s', (_, text, lines) => {
    const found = read(text, kwh)
    expect(found.rows.map(({ row }) => row.place.line)).toEqual(lines)
    const refused = found.rows.filter(({ outcome }) => isRefusal(outcome))
    expect(refused.map(({ row }) => row.place)).toEqual([
      { line: lines[1], column: 'A', value: 'x' },
    ])
  })
})

describe('where the bad row is', () => {
  const tidy = 'meter,start,duration_s,energy_wh'
  test.each<[string, string, Profile, number[]]>([
    ['below a preamble', `Account,7\n\nstart,A\n${at('00:00', '1')}${at('00:30', 'x')}`, kwh, [5]],
    [
      'behind a quoted line end',
      `start,A,note\n2024-01-01T00:00Z,1,"a\nb"\n2024-01-01T00:30Z,x,c\n`,
      { unit: 'kWh', columns: { start: 'start', value: 'A' }, meter: 'M' },
      [4],
    ],
    ['tidy', `${tidy}\n\nA,2024-01-01T00:00Z,1800,1\n\nA,no,1800,1\n`, {}, [5]],
    [
      'two in a row',
      `start,A\n${at('00:00', '1')}${at('00:30', 'x')}${at('01:00', 'y')}`,
      kwh,
      [3, 4],
    ],
    [
      'NDJSON',
      '\n{"meter":"A","start":"2024-01-01T00:00Z","duration_s":1800,"energy_wh":1}\n\n17\n',
      { format: 'ndjson' },
      [4],
    ],
    [
      'a cell too many',
      `start,A\n${at('00:00', '1')}2024-01-01T00:30Z,1,2\n${at('01:00', '1')}`,
      kwh,
      [3],
    ],
    [
      'a NUL byte',
      `start,A\n${at('00:00', '1')}2024-01-01T00:30Z,\0\n${at('01:00', '1')}`,
      kwh,
      [3],
    ],
  ])('%s', (_, text, profile, lines) => {
    const { rows } = read(text, profile)
    const refused = rows.filter(({ outcome }) => isRefusal(outcome))
    expect(refused.map(({ row }) => row.place.line)).toEqual(lines)
    expect(rows.length).toBeGreaterThan(refused.length)
  })
})

function at(time: string, value: string): string {
  return `2024-01-01T${time}Z,${value}\n`
}
