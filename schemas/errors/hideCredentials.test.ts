import { expect, test } from 'vitest'
import { NobodyAnswersError } from './commandLine.ts'
import { hideCredentials } from './hideCredentials.ts'
import { sentenceOf } from './wattproofError.ts'

test.each([
  ['postgres://ann:pw@db:5432/jobs', 'postgres://(secret)@db:5432/jobs'],
  ['redis://:p@ss@host', 'redis://(secret)@host'],
  ['from http://pw@a/b to https://c/@d', 'from http://(secret)@a/b to https://c/@d'],
  ['"http://pw@a"', '"http://(secret)@a"'],
  ['mail ann@example.org', 'mail ann@example.org'],
  ['http://127.0.0.1:8123/?user=a@b', 'http://127.0.0.1:8123/?user=a@b'],
])('%s becomes %s', (text, hidden) => {
  expect(hideCredentials(text)).toBe(hidden)
})

test('no sentence or data has the password of a URL, whoever wrote it', async () => {
  const url = 'http://ann:swordfish@127.0.0.1:1'
  // Node's own message quotes such a URL in full.
  const cause: unknown = await fetch(url).catch((error: unknown) => error)
  expect(String(cause)).toContain('swordfish')
  const error = new NobodyAnswersError({ url, reason: sentenceOf(cause) }, cause)
  expect(error.message).toContain('http://(secret)@127.0.0.1:1')
  expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('swordfish')
})
