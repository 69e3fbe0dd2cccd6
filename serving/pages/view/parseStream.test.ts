import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStreamParser } from './parseStream.ts'

test('messages have a topic and data; a comment is none, and the last id is kept', () => {
  const parser = createStreamParser()
  expect(parser.add('retry: 2000\n\nid: a-1\nevent: status\ndata: {"a"')).toEqual([])
  expect([parser.lastId(), parser.retryMs()]).toEqual([null, 2_000])
  const status = { topic: 'status', data: '{"a":1}' }
  expect(parser.add(':1}\n\n: still here\n\n')).toEqual([status])
  expect(parser.lastId()).toBe('a-1')
  expect(parser.add('data: x\ndata: y\n\n')).toEqual([{ topic: 'message', data: 'x\ny' }])
  expect(parser.lastId()).toBe('a-1')
})

test('however it is cut, a stream has the messages that another parser finds', () => {
  const field = fc.oneof(
    fc.constantFrom('id: 7', 'event: status', 'data', 'data:', ': still here', 'retry: 5', 'x: y'),
    fc.stringMatching(/^data: ?[ -~]{0,9}$/),
  )
  const lines = fc.array(fc.tuple(field, fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n')))
  fc.assert(
    fc.property(lines, fc.array(fc.nat(200)), (each, cuts) => {
      const text = `${each.flat().join('')}\n\n`
      const wanted: object[] = []
      const other = createParser({
        onEvent: ({ event = 'message', data }) => wanted.push({ topic: event, data }),
      })
      other.feed(text)
      const parser = createStreamParser()
      const at = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length]
      const found = at.slice(1).flatMap((end, index) => parser.add(text.slice(at[index], end)))
      expect(found).toEqual(wanted)
    }),
  )
})
