import { expect, test } from 'vitest'
import { checkEventDraft } from '../client/checkEventDraft.ts'
import { exampleEvent, parseCommentedJson } from './exampleEvent.ts'

const nowMs = Date.UTC(2026, 10, 29, 8, 30)

test('the example is a valid event as printed, with its comments', () => {
  const draft = checkEventDraft(parseCommentedJson(exampleEvent(nowMs)))
  expect(draft).toMatchObject({ id: 'evening-2026-11-30', participants: ['METER-1', 'METER-2'] })
  expect([draft.startMs, draft.endMs]).toEqual([
    Date.UTC(2026, 10, 30, 17),
    Date.UTC(2026, 10, 30, 19),
  ])
})

test('only whole lines are comments', () => {
  expect(parseCommentedJson('{\n  // "a": 1,\n\t// b\n"url": "http://x//y" }')).toEqual({
    url: 'http://x//y',
  })
  expect(() => parseCommentedJson('{ "a": 1 // no\n}')).toThrow('JSON')
})
