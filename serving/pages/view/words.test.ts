import { expect, test } from 'vitest'
import { nameOf, type Rank, type SaidWord, whyOf } from './words.ts'

const start = '2026-03-01T00:00:00.000Z'
let offset = 0
const word = (more: Partial<SaidWord>): SaidWord => ({
  ...{ source: 'A', ingest: '', energyMwh: 1_000, standing: 'stated', revision: 0, saidAt: null },
  ...{ logged: `2026-03-02T00:00:0${offset}.000Z`, place: `0/${offset++}/0` },
  ...{ isWithdrawn: false, counts: false, ...more },
})

/** Why of each word, in order. */
function why(words: readonly Partial<SaidWord>[], ranks: readonly Rank[] = []): string[] {
  offset = 0
  const said = { start, words: words.map(word) }
  return said.words.map((each) => whyOf(each, said, ranks))
}

test('one word', () => {
  expect(why([{ counts: true }])).toEqual(['It is the only version.'])
  expect(
    why([{}, { counts: true }].map((each, at) => ({ ...each, isWithdrawn: at === 0 }))),
  ).toEqual(['It was withdrawn.', 'It is the only version.'])
})

test.each<[string, Partial<SaidWord>, Partial<SaidWord>, string]>([
  ['later', {}, {}, 'A reported another version later.'],
  [
    'said later, logged earlier',
    { saidAt: '2026-03-01T01:00:00.000Z' },
    {},
    'A reported another version',
  ],
  ['another revision', { revision: 1 }, { revision: 2 }, 'A reported revision 2 of it.'],
  ['firmer', {}, { standing: 'held' }, 'A reported a version with a higher standing: held.'],
  [
    'in one frame',
    { place: '0/9/9' },
    { place: '0/9/10', logged: `2026-03-02T00:00:00.000Z` },
    'A reported another',
  ],
])('of one source: %s', (_, before, after, sentence) => {
  const [first, second] = why([before, { ...after, counts: true }])
  expect(first).toContain(sentence)
  expect(second).toBe('It takes precedence over the others.')
})

test('of two sources: the firmer, the ranked, the later by name', () => {
  const two = [
    { source: 'B', counts: false },
    { source: 'A', counts: true },
  ] as const
  expect(why([{ ...two[0], standing: 'fill' }, two[1]])[0]).toBe(
    'A reported a version with a higher standing: stated.',
  )
  const rank = (source: string, from: string, rank: number) => ({ source, from, rank })
  const ranks = [rank('A', '2026-01-01T00:00:00.000Z', 3), rank('A', '2026-02-01T00:00:00.000Z', 2)]
  const later = rank('B', '2026-04-01T00:00:00.000Z', 9)
  expect(why(two, [...ranks, later])[0]).toBe('A ranks above B: 2, not 0.')
  const named = [
    { source: '', counts: false },
    { source: 'A', counts: true },
  ]
  expect(why(named)[0]).toBe('(no name) and A have the same rank; the name decides.')
})

test('an earlier word of a source that does not count is explained by its own source', () => {
  const words = [{ source: 'B' }, { source: 'B' }, { source: 'A', standing: 'held', counts: true }]
  expect(why(words as Partial<SaidWord>[])).toEqual([
    'B reported another version later.',
    'A reported a version with a higher standing: held.',
    'It takes precedence over the others.',
  ])
  expect(nameOf('B')).toBe('B')
})
