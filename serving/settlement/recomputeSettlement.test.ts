import { expect, test } from 'vitest'
import { toJson } from '../../schemas/units.ts'
import { buildSettlement } from './buildSettlement.ts'
import { type PublishedSettlement, parsePublishedSettlement } from './published.ts'
import { recomputeSettlement } from './recomputeSettlement.ts'
import { accounts, exampleInputs } from './testing/exampleEvent.ts'

const { published, header } = buildSettlement(exampleInputs())

test('a published settlement recomputes, after JSON too', () => {
  expect(recomputeSettlement(published, header)).toEqual({ ok: true })
  const parsed = parsePublishedSettlement(JSON.parse(toJson(published)))
  expect(recomputeSettlement(parsed, header)).toEqual({ ok: true })
})

/** A copy that a cheating operator may write to. */
type Draft<T> = T extends number | bigint | string
  ? T
  : T extends readonly (infer Each)[]
    ? Draft<Each>[]
    : T extends object
      ? { -readonly [Name in keyof T]: Draft<T[Name]> }
      : T

test.each<[string, (published: Draft<PublishedSettlement>) => void, string]>([
  [
    'a raised baseline',
    (p) => raise(p.members[0]!.baseline.intervals[0]!, 'baselineMwh'),
    'Line 0: baseline: intervals',
  ],
  [
    'a reading it used',
    (p) => raise(p.members[1]!.baseline.used[3]!, 'energyMwh'),
    'Line 1: baseline',
  ],
  ['a day it did not use', (p) => p.members[1]!.baseline.days.pop(), 'Line 1: baseline: days'],
  [
    'the adjustment',
    (p) => raise(p.members[2]!.baseline.adjustment, 'numerator'),
    'Line 2: baseline: adjustment',
  ],
  ['a date that was excluded', (p) => p.event.excludedDates.pop(), 'Line 0: baseline: flags'],
  ['an event elsewhere', (p) => set(p.event, 'zone', 'Europe/Paris'), 'baselinesRoot'],
  [
    'a zone that is none',
    (p) => set(p.event, 'zone', 'Mars/Base'),
    '"Mars/Base" is not an IANA time zone',
  ],
  [
    'a method that is none',
    (p) => set(p.event.terms, 'baselineMethod', 'guess'),
    'no baseline method named guess',
  ],
  ['a reading', (p) => raise(p.members[0]!.readings[0]!, 'energyMwh'), 'inputsRoot'],
  [
    'a reading twice',
    (p) => p.members[0]!.readings.splice(1, 0, p.members[0]!.readings[0]!),
    'Line 0: readings',
  ],
  [
    'a reading outside',
    (p) => set(p.members[0]!.readings[0]!, 'startMs', 0),
    'Line 0: readings: 1970',
  ],
  [
    'a reading of another length',
    (p) => set(p.members[0]!.readings[0]!, 'durationS', 900),
    'lasts 900 s',
  ],
  ['a price', (p) => raise(p.event.terms, 'priceMicrosPerKwh'), 'termsHash'],
  ['terms that change no line', (p) => raise(p.event.terms, 'latenessS'), 'termsHash'],
  [
    'a payment',
    (p) => raise(p.members[1]!.line, 'pay'),
    'Line 1: pay is stated as 46905 and recomputes to 46904',
  ],
  ['a running sum', (p) => raise(p.members[3]!.line, 'payPrefix'), 'Line 3: payPrefix'],
  ['a payee', (p) => set(p.members[1]!, 'account', accounts[0]!), 'Line 1: balance before'],
  [
    'an entitlement from nowhere',
    (p) => raise(p.members[4]!.before, 'entitled'),
    'Line 4: balance before: entitled',
  ],
  ['a salt', (p) => set(p.members[1]!, 'salt', p.members[0]!.salt), 'inputsRoot'],
  [
    'a meter twice',
    (p) => set(p.members[1]!, 'pseudonym', p.members[0]!.pseudonym),
    'Line 1: the meter',
  ],
  [
    'a detail hash',
    (p) => set(p.members[2]!, 'detail', p.members[1]!.detail),
    'Line 2: its detail',
  ],
  ['a live figure', (p) => set(p.members[0]!, 'speedDeliveredMwh', 5), 'speedRoot'],
  ['a line left out', (p) => p.members.pop(), 'The published header'],
  ['no lines', (p) => p.members.splice(0), 'no lines'],
  [
    'a range of no length',
    (p) => set(p.event, 'endMs', p.event.startMs),
    "The event's range of 0 s",
  ],
])('%s is refused by name', (_, change, sentence) => {
  const draft = structuredClone(published) as Draft<PublishedSettlement>
  change(draft)
  const verdict = recomputeSettlement(draft, header)
  expect(verdict).toMatchObject({ ok: false, sentence: expect.stringContaining(sentence) })
})

test.each(Object.keys(header) as (keyof typeof header)[])(
  'an anchored %s that is another',
  (name) => {
    const value = header[name]
    const other = typeof value === 'string' ? `0x${'1'.repeat(64)}` : (value as number) && value
    const changed = { ...header, [name]: typeof other === 'string' ? other : bump(other) }
    const verdict = recomputeSettlement(published, changed)
    expect(verdict).toMatchObject({ ok: false, sentence: expect.stringContaining(name) })
  },
)

test('a published header that is not the anchored one', () => {
  const draft = { ...published, header: { ...header, leafCount: 6 } }
  const verdict = recomputeSettlement(draft, header)
  expect(verdict).toMatchObject({ ok: false, sentence: expect.stringContaining('leafCount') })
})

test('a validator that remembers an account refuses another balance', () => {
  const [account] = accounts
  const { before } = published.members[0]!
  const known = new Map([[account!, before]])
  expect(recomputeSettlement(published, header, known)).toEqual({ ok: true })
  const other = new Map([[account!, { ...before, debt: published.members[1]!.before.debt }]])
  expect(recomputeSettlement(published, header, other)).toMatchObject({
    ok: false,
    refusal: { code: 'balance', line: 0, field: 'debt' },
    sentence: expect.stringContaining('Line 0: balance before: debt'),
  })
})

function set(record: object, name: string, value: unknown): void {
  Object.assign(record, { [name]: value })
}

function raise(record: object, name: string): void {
  set(record, name, bump((record as Record<string, number | bigint>)[name]!))
}

function bump(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? value + 1n : value + 1
}
