import { expect, test } from 'vitest'
import { decodeDeadLetter, encodeDeadLetter } from '../../../schemas/reading/deadLetter.ts'
import { isoUtc } from '../../../schemas/time.ts'
import { isRefusal } from '../judgeDraft.ts'
import type { Profile } from '../profile/profileShape.ts'
import { refuse } from '../refusal.ts'
import { parseBody, toRejection } from './parseBody.ts'
import { readFile } from './readFile.ts'
import { rowsOfDeadLetter } from './rowsOfDeadLetter.ts'

const nowMs = Date.UTC(2025, 0, 1)
const zones: Readonly<Record<string, string>> = {
  R: 'Europe/Rome',
  S: 'Europe/Rome',
  L: 'Europe/London',
}
const enrolled = { zoneOf: (meter: string) => zones[meter] }

function read(text: string, profile: Profile = {}) {
  return readFile(new TextEncoder().encode(text), { profile, nowMs, enrolled })
}

function starts(text: string, profile: Profile = {}): string[] {
  return read(text, profile).rows.map(({ outcome }) => {
    if (isRefusal(outcome)) return outcome.reason
    return isoUtc('atMs' in outcome ? outcome.atMs : outcome.startMs).slice(5, 16)
  })
}

const header = 'meter,start,duration_s,energy_wh\n'
/** Two readings of R or S, at noon of Rome in summer, in each form that a file may have. */
const forms: Readonly<Record<string, { text: string; profile?: Profile }>> = {
  tidy: { text: `${header}R,2024-07-01 12:00,1800,1\nS,2024-07-01T12:30,1800,1\n` },
  NDJSON: {
    text:
      '{"meter":"R","start":"2024-07-01T12:00","duration_s":1800,"energy_wh":1}\n' +
      '{"meter":"S","start":"2024-07-01T12:30","duration_s":1800,"energy_wh":1}\n',
  },
  'a table with a meter a row': {
    text: 'Meter;Horodate;kWh\nR;01.07.2024 12:00;1\nR;01.07.2024 12:30;1\n',
  },
  wide: { text: 'stamp,R\n2024-07-01 12:00,1\n2024-07-01 12:30,1\n', profile: { unit: 'kWh' } },
  'a row a day': {
    text: `meter,date,${Array.from({ length: 48 }, (_, slot) => {
      return `${String(slot >> 1).padStart(2, '0')}:${slot % 2 ? '30' : '00'}`
    }).join(',')}\nR,2024-07-01,${',,'.repeat(12)}1,1${','.repeat(22)}\n`,
    profile: { unit: 'kWh' },
  },
}

test.each(Object.entries(forms))('%s without a zone is read in that of its meters', (_, form) => {
  expect(starts(form.text, form.profile)).toEqual(['07-01 10:00', '07-01 10:30'].map(withT))
  const { understood } = read(form.text, form.profile)
  expect(understood).toMatchObject({
    zone: 'Europe/Rome',
    evidence: expect.arrayContaining([
      { field: 'zone', value: 'Europe/Rome', why: 'no zone is set, and R is enrolled in it' },
    ]),
  })
  // What is said goes before it.
  const said = { ...form.profile, zone: 'UTC' }
  expect(starts(form.text, said)).toEqual(['07-01T12:00', '07-01T12:30'])
})

function withT(text: string): string {
  return text.replace(' ', 'T')
}

test('meters of two zones are refused with both, unless each stamp says its own', () => {
  const local = `${header}R,2024-07-01 12:00,1800,1\nL,2024-07-01 12:00,1800,1\n`
  expect(() => read(local)).toThrow(
    'Stamps without an offset may be of Europe/Rome (R), Europe/London (L), where meters of this ' +
      'file are enrolled: set zone, give the stamps an offset, or give the meters of each zone a ' +
      'file of their own.',
  )
  expect(() => read('stamp,R,L\n2024-07-01 12:00,1,1\n', { unit: 'kWh', step: 1800 })).toThrow(
    'Europe/Rome (R), Europe/London (L)',
  )
  expect(starts(local, { zone: 'Europe/London' })).toEqual(['07-01T11:00', '07-01T11:00'])
  const offset = local.replaceAll(' 12:00', 'T12:00+03:00')
  expect(starts(offset)).toEqual(['07-01T09:00', '07-01T09:00'])
  // Only those that need a zone have to agree.
  const mixed = local.replace('L,2024-07-01 12:00', 'L,2024-07-01T12:00Z')
  expect(starts(mixed)).toEqual(['07-01T10:00', '07-01T12:00'])
})

test('when it was said is read in the zone too, and is not the start', () => {
  const [row] = read(
    `meter,start,duration_s,energy_wh,said_at\nR,2024-07-01 12:00,1800,1,2024-07-02 09:00\n`,
  ).rows
  expect(row!.outcome).toMatchObject({
    startMs: Date.parse('2024-07-01T10:00Z'),
    saidAtMs: Date.parse('2024-07-02T07:00Z'),
  })
})

/** A meter that nobody has enrolled, in each form. */
const later = Object.entries(forms).map(([name, { text, profile = {} }]) => {
  const renamed = text.replace(/\b[RS]\b/g, 'N')
  return [name, renamed, profile] as const
})

test.each(later)('%s of an unknown meter is placed once it is enrolled', (_, text, profile) => {
  const file = read(text, profile)
  const { evidence } = file.understood
  expect(evidence).toContainEqual({ field: 'zone', value: 'UTC', why: 'no zone is set' })
  const [row] = file.rows
  const refusal = refuse('not-enrolled', { meter: 'N' })
  const rejection = toRejection(row!.row, refusal, { source: 'f' })
  const kept = decodeDeadLetter(encodeDeadLetter(rejection, nowMs))
  const startOf = (zone: string | undefined) => {
    const [item] = rowsOfDeadLetter(kept, { zoneOf: () => zone })
    return item && 'content' in item && 'start' in item.content ? item.content.start : item
  }
  expect(startOf('Europe/Rome')).toBe(Date.parse('2024-07-01T10:00Z'))
  expect(startOf('America/New_York')).toBe(Date.parse('2024-07-01T16:00Z'))
  expect(startOf(undefined)).toBe(Date.parse('2024-07-01T12:00Z'))
})

test('what was read in a zone that is known is read again as it was', () => {
  for (const [text, profile] of [
    [forms.tidy!.text.replace('S,', 'N,'), {}],
    [forms.tidy!.text.replaceAll(/\b[RS],/g, 'N,'), { zone: 'Europe/Rome' }],
    [forms.NDJSON!.text.replace('"S"', '"N"'), {}],
    ['stamp,R,N\n2024-07-01 12:00,1,1\n2024-07-01 12:30,1,x\n', { unit: 'kWh' }],
  ] as const) {
    const row = read(text, profile).rows.findLast(({ row: { original } }) => {
      return Buffer.from(original).includes('12:30')
    })!
    const refusal = isRefusal(row.outcome) ? row.outcome : refuse('not-enrolled', { meter: 'N' })
    const rejection = toRejection(row.row, refusal, { source: 'f' })
    const kept = decodeDeadLetter(encodeDeadLetter(rejection, nowMs))
    const corrected = { ...kept, readAs: kept.readAs.replace('"x"', '"1"') }
    const [item] = rowsOfDeadLetter(corrected, { zoneOf: () => 'America/New_York' })
    expect(item).toMatchObject({ content: { start: Date.parse('2024-07-01T10:30Z') } })
  }
})

test('so is what was read in a zone of an enrolment whose name nobody may say', () => {
  const gmt = { zoneOf: () => 'GMT' }
  for (const [text, profile] of [
    [forms.NDJSON!.text.replace('"energy_wh":1', '"energy_wh":"x"'), {}],
    ['stamp,R,S\n2024-07-01 12:00,x,1\n2024-07-01 12:30,1,1\n', { unit: 'kWh' }],
  ] as const) {
    const bytes = new TextEncoder().encode(text)
    const { rows } = readFile(bytes, { profile, nowMs, enrolled: gmt })
    const refused = rows.find(({ outcome }) => isRefusal(outcome))!
    const refusal = refused.outcome as ReturnType<typeof refuse>
    const rejection = toRejection(refused.row, refusal, { source: 'f' })
    const kept = decodeDeadLetter(encodeDeadLetter(rejection, nowMs))
    const element = Buffer.from(kept.originalBase64, 'base64').toString().replace('"x"', '1')
    const corrected = {
      ...kept,
      originalBase64: Buffer.from(element).toString('base64'),
      readAs: kept.readAs.replace('"x"', '"1"'),
    }
    const [item] = rowsOfDeadLetter(corrected, { zoneOf: () => 'Europe/Rome' })
    expect(item).toMatchObject({ content: { start: Date.parse('2024-07-01T12:00Z') } })
  }
})

test('a body says in which zone it was read, where nobody said it', () => {
  const parse = (text: string) => {
    const format = { kind: 'tidy', zone: undefined } as const
    return parseBody(Buffer.from(text), { format, nowMs, source: '', enrolled })
  }
  const { evidence, zone } = parse(forms.tidy!.text)
  expect(zone).toMatchObject({ name: 'Europe/Rome', by: 'enrolled' })
  expect(evidence).toMatchObject([{ field: 'zone', value: 'Europe/Rome' }])
  const offset = parse(`${header}R,2024-07-01T12:00Z,1800,1\n`)
  expect([offset.zone, offset.evidence]).toEqual([null, []])
})
