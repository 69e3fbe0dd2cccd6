import fc from 'fast-check'
import { expect, test } from 'vitest'
import { userOfUrl } from './userOfUrl.ts'

test.each([
  ['50%', '50%'],
  ['100%zz%', '100%zz%'],
  ['%', '%'],
  ['%41%2', 'A%2'],
  ['%c3%A9', 'é'],
  ['é', 'é'],
  ['%ff', '\ufffd'],
])('the password %s is %s', (typed, meant) => {
  expect(userOfUrl(new URL(`http://u:${typed}@host`))).toEqual({ user: 'u', password: meant })
})

test('an encoded user and password come back, whatever is in them', () => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, (user, password) => {
      const [one, other] = [user, password].map(encodeURIComponent)
      expect(userOfUrl(new URL(`http://${one}:${other}@host`))).toEqual({ user, password })
    }),
  )
})
