import { expect, test } from 'vitest'
import { NoAccountToPayError } from './event.ts'
import { type EventProblem, eventProblemOf, sentenceOfEventProblem } from './eventProblem.ts'
import { InvariantError, NotFoundError } from './wattproofError.ts'

test('a refusal keeps its kind, its data and the sentence of its class', () => {
  const problem = eventProblemOf(new NoAccountToPayError({ meter: 'A' }), 'x')
  expect(problem).toEqual({
    ...{ kind: 'refused', error: 'event-terms', data: { meter: 'A' } },
    sentence: 'A has no account to pay to; enrol it with one.',
  })
  expect(sentenceOfEventProblem(problem)).toBe('A has no account to pay to; enrol it with one.')
  expect(eventProblemOf(new NotFoundError('event', 'e'), 'x')).toMatchObject({ error: 'not-found' })
})

test.each([new InvariantError('swordfish'), new TypeError('swordfish'), 'swordfish'])(
  'of a fault of ours only the place in the log: %s',
  (thrown) => {
    const problem = eventProblemOf(thrown, '12ab34cd')
    expect(problem).toEqual({ kind: 'internal', logId: '12ab34cd' })
    expect(sentenceOfEventProblem(problem)).toMatch(/fault of the server .* log .* 12ab34cd\.$/)
  },
)

test.each<[EventProblem, RegExp]>([
  [{ kind: 'not-committed' }, /before it started, so it cannot be settled\.$/],
  [{ kind: 'archive-behind', before: '2013-02-11' }, /^It waits .* logged before 2013-02-11\.$/],
  [{ kind: 'settles-after', event: 'other' }, /^It waits until other is final or rejected/],
  [{ kind: 'objected' }, /more than a third of the stake objected/],
  [
    { kind: 'configuration', logId: 'ff' },
    /configuration of the server is corrected.* under ff\.$/,
  ],
])('%o', (problem, sentence) => {
  expect(sentenceOfEventProblem(problem)).toMatch(sentence)
})
