import { expect, test } from 'vitest'
import { isAllowed, isStrongCopyleft } from './allowed.ts'

test.each([
  ['MIT', true],
  ['GPL-3.0-only', false],
  ['none stated', false],
  ['', false],
  // One side of an OR can be chosen, both sides of an AND bind.
  ['(MIT OR CC0-1.0)', true],
  ['GPL-2.0-only OR BSD-3-Clause', true],
  ['(Apache-2.0 AND MIT)', true],
  ['Apache-2.0 AND LGPL-3.0-or-later', false],
  // AND binds closer than OR: this is MIT, or both of the others.
  ['MIT OR GPL-3.0-only AND ISC', true],
  ['(MIT OR GPL-3.0-only) AND AGPL-3.0-only', false],
  ['Apache-2.0 WITH LLVM-exception', true],
  ['GPL-2.0-only WITH Classpath-exception-2.0', false],
  // What cannot be read.
  ['(MIT', false],
  ['MIT ISC', false],
  ['MIT AND', false],
])('%s: %s', (expression, answer) => {
  expect(isAllowed(expression)).toBe(answer)
})

test('LGPL can be explained, GPL and AGPL cannot', () => {
  expect(['LGPL', 'LGPL-2.1-only', 'GPL-3.0', 'AGPL-3.0-only'].map(isStrongCopyleft)).toEqual([
    ...[false, false, true, true],
  ])
  expect(isStrongCopyleft('GPL-2.0-only OR BSD-3-Clause')).toBe(false)
})
