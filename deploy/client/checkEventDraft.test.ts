import { expect, test } from 'vitest'
import { demoTerms } from '../simulate/plan.ts'
import { checkEventDraft } from './checkEventDraft.ts'

const good = {
  id: 'high-2013-02-11',
  terms: demoTerms,
  start: '2013-02-11T17:00:00Z',
  end: '2013-02-11T20:00:00Z',
  participants: ['MAC000005', 'MAC000016'],
}

test('a draft that the API would accept, whichever meters are enrolled', () => {
  const { id, startMs, controls } = checkEventDraft(good)
  expect({ id, startMs, controls }).toEqual({
    id: 'high-2013-02-11',
    startMs: Date.parse('2013-02-11T17:00:00Z'),
    controls: [],
  })
})

test('its size is that of the longest intervals that fit its times', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => `M${at}`)
  expect(checkEventDraft({ ...good, participants: many }).participants).toHaveLength(20_000)
  const uneven = { ...good, end: '2013-02-11T20:00:01Z', participants: many }
  expect(() => checkEventDraft(uneven)).toThrow('20000 meters × 10801 intervals are 216020000')
})

test.each<[Record<string, unknown>, string]>([
  [{ participants: undefined }, 'body.participants'],
  [{ start: 'tomorrow' }, 'body.start'],
  [{ begin: '2013-02-11T17:00:00Z' }, 'begin'],
  [{ terms: { ...demoTerms, baselineMethod: 'nope' } }, 'There is no baseline method named nope'],
  [{ end: good.start }, 'An event must end after it starts; both are at 2013-02-11T17:00:00'],
  [{ end: '2013-02-11T16:55:00Z' }, 'The event ends at 2013-02-11T16:55:00'],
  [{ controls: ['MAC000005'] }, 'MAC000005 is named twice'],
])('%j is refused as the API refuses it', (change, sentence) => {
  expect(() => checkEventDraft({ ...good, ...change })).toThrow(sentence)
})
