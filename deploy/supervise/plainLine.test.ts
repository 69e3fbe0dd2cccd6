import { expect, test } from 'vitest'
import { plainLine } from './plainLine.ts'

const entry = (level: number, more: object) => {
  return JSON.stringify({ level, time: 1, pid: 2, hostname: 'vm', name: 'serve', ...more })
}

test.each([
  [entry(40, { msg: 'The archive restarts.' }), 'serve: The archive restarts.'],
  [
    entry(50, { msg: 'Failed', reqId: 'a', meter: 'M1', err: { message: 'no\nroom', stack: 'x' } }),
    'serve: Failed (meter=M1, err=no room)',
  ],
  [entry(50, { counts: { a: 1 } }), 'serve: an entry without a message (counts={"a":1})'],
  [entry(30, { msg: 'Server listening' }), null],
  ['ended (SIGKILL); it is started again', 'serve: ended (SIGKILL); it is started again'],
  ['    at start (up.ts:1:1)', 'serve:     at start (up.ts:1:1)'],
  ['{ not json', 'serve: { not json'],
  ['{"level":"high"}', 'serve: {"level":"high"}'],
  ['', null],
])('%s', (line, plain) => {
  expect(plainLine('serve', line)).toBe(plain)
})
