import { expect, test } from 'vitest'
import { NobodyAnswersError } from './commandLine.ts'
import { hideCredentials } from './hideCredentials.ts'
import { hideUrl } from './hideUrl.ts'
import { sentenceOf } from './wattproofError.ts'

test.each([
  ['postgres://ann:pw@db:5432/jobs', 'postgres://(secret)@db:5432/jobs'],
  ['redis://:p@ss@host', 'redis://(secret)@host'],
  // An @ in a path hides more than it must: a password may have a slash.
  ['from http://pw@a/b to https://c/@d', 'from http://(secret)@a/b to https://(secret)@d'],
  ['"http://pw@a"', '"http://(secret)@a"'],
  ['mail ann@example.org', 'mail ann@example.org'],
  ['http://127.0.0.1:8123/?user=ann', 'http://127.0.0.1:8123/?user=ann'],
  ['at http://127.0.0.1:8123: write me@x.org', 'at http://127.0.0.1:8123: write me@x.org'],
  ['in file:///srv/node_modules/@duckdb/api', 'in file:///srv/node_modules/@duckdb/api'],
  ['postgres://ann:p/w?x#y@db:5432/jobs', 'postgres://(secret)@db:5432/jobs'],
  [`http://u:p"q'r\`s<t>@h`, 'http://(secret)@h'],
  ['at http://u:pa ss@h or not', 'at http://(secret)@h or not'],
  ['http://u:p\u00a0w@h', 'http://(secret)@h'],
  ['"postgres:\\/\\/ann:pw@db"', '"postgres:\\/\\/(secret)@db"'],
  ['postgres%3A%2F%2Fann%3Apw%40db', 'postgres%3A%2F%2F(secret)%40db'],
  ['http:/ann:pw@db', 'http:/(secret)@db'],
  ['http:ann:pw@h', 'http:(secret)@h'],
  ['http:\\\\u:p@h', 'http:\\\\(secret)@h'],
  ['//ann:pw@db', '//(secret)@db'],
  ['http://h/?password=sekret', 'http://h/?password=(secret)'],
  ['postgres://h/db?user=a&api_key=sekret', 'postgres://h/db?user=a&api_key=(secret)'],
])('%s becomes %s', (text, hidden) => {
  expect(hideCredentials(text)).toBe(hidden)
})

test.each([
  'a'.repeat(200_000),
  `${'a'.repeat(200_000)}://`,
  'a://x'.repeat(200_000),
  'a://u:x '.repeat(20_000),
  'a.://'.repeat(200_000),
  `a://${'@'.repeat(100_000)} `,
  `${'a:'.repeat(100_000)}://x`,
  `http://h/${'?key='.repeat(100_000)}`,
  `http://h/?${'a_'.repeat(100_000)}`,
])('a long text takes no time: %#', (text) => {
  const start = performance.now()
  hideCredentials(text)
  // 5 to 50 ms; what is quadratic takes minutes.
  expect(performance.now() - start).toBeLessThan(2_000)
})

test.each([
  ["http://u:se'kret@127.0.0.1:9/", 'http://(secret)@127.0.0.1:9'],
  ['http://u:it\'s"sekret<1> x@h:8123', 'http://(secret)@h:8123'],
  ['http://127.0.0.1:8123/?password=sekret', 'http://127.0.0.1:8123/(secret)'],
  ['https://eth.example/v3/sekret', 'https://eth.example/(secret)'],
  ['https://eth.example/#sekret', 'https://eth.example/(secret)'],
  ['postgres://ann:sekret@db:5432/jobs', 'postgres://(secret)@db:5432/(secret)'],
  ['postgres:ann:sekret@db', 'postgres:(secret)'],
  ['sekret', '(secret)'],
  ['lmdb:/srv/log', 'lmdb:/srv/log'],
  ['http://127.0.0.1:8420', 'http://127.0.0.1:8420'],
])('the setting %s is shown as %s', (url, shown) => {
  expect(hideUrl(url)).toBe(shown)
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
