import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { expect, test } from 'vitest'
import { ApiBusyError, FileUnreadableError, RefusedByApiError } from './commandLine.ts'
import { SettingsError } from './configuration.ts'
import { NegativePriceError } from './event.ts'
import { exitCodeOf } from './exitCode.ts'
import { type ErrorKind, errorKinds } from './kinds.ts'
import { ZeroAccountError } from './meter.ts'
import { problemOf, problemType } from './problem.ts'
import { BodiesFullError, RequestShapeError } from './request.ts'
import { TablesMissingError, ViewsDeniedError } from './views.ts'
import { InvariantError, RetryableError, WattproofError } from './wattproofError.ts'

test('the mapping has the kind of every class, and no other', () => {
  const kinds = new Set<string>()
  for (const name of readdirSync(import.meta.dirname)) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const text = readFileSync(path.join(import.meta.dirname, name), 'utf8')
    new Visitor({
      PropertyDefinition({ key, value }) {
        const isKind = key.type === 'Identifier' && key.name === 'kind'
        if (isKind && value?.type === 'Literal') kinds.add(String(value.value))
      },
    }).visit(parseSync(name, text).program)
  }
  expect([...kinds].sort()).toEqual(Object.keys(errorKinds).sort())
})

test('a refusal is a problem with its data as members', () => {
  const { problem, headers } = problemOf(new ZeroAccountError({ meter: 'A' }), 'r1')
  expect(problem).toEqual({
    type: 'urn:wattproof:problem:zero-account',
    title: 'Account cannot be paid',
    status: 400,
    detail:
      'The account of A is the zero address, which cannot be paid. ' +
      'Leave it out until there is one.',
    instance: 'urn:wattproof:request:r1',
    meter: 'A',
  })
  expect(headers).toEqual({ 'content-type': 'application/problem+json; charset=utf-8' })
})

test.each([
  [
    new RequestShapeError('body', [{ path: ['a', 0], message: 'no' }]),
    400,
    /^body\.a\.0: no\. See/,
  ],
  [new NegativePriceError({ priceMicrosPerKwh: -1n, penaltyMicrosPerKwh: 0n }), 400, /negative/],
  [
    new BodiesFullError({ bytesMax: 8 << 20, of: 'all' }),
    429,
    /^The 8 MiB for bodies are in use; /,
  ],
  [new RetryableError('Down.'), 503, /^Down\. Ask again in a second\.$/],
  [new InvariantError('swordfish'), 500, /^The server failed\. Its log/],
  [new TypeError('swordfish'), 500, /^The server failed\. Its log/],
  [Object.assign(new Error('x'), { statusCode: 413 }), 413, /larger than this route takes/],
])('%s is %d', (error, status, detail) => {
  const { problem, headers } = problemOf(error, 'r1')
  expect(problem.status).toBe(status)
  expect(problem.detail).toMatch(detail)
  expect(headers['retry-after']).toBe(status === 429 || status === 503 ? '1' : undefined)
})

const fault = {
  what: 'meters',
  reason: 'swordfish: Authentication failed',
  code: 516,
  type: 'AUTH',
}
const denied = new ViewsDeniedError(fault)

test.each([denied, new TablesMissingError(fault), new SettingsError({ issues: ['swordfish'] })])(
  'our configuration is not for a client to mend: it may ask again later and learns no detail: %s',
  (error) => {
    const { problem, headers } = problemOf(error, 'r1')
    expect(problem).toEqual({
      type: 'urn:wattproof:problem:configuration',
      title: 'Wrong configuration',
      status: 503,
      detail:
        'The server cannot do this until its configuration is corrected; its log has the reason. ' +
        'Ask again later.',
      instance: 'urn:wattproof:request:r1',
    })
    expect(headers['retry-after']).toBe('1')
    expect(error.message).toContain('swordfish')
  },
)

test.each(Object.entries(errorKinds))(
  'the exit code of %s is the one of the table',
  (kind, entry) => {
    class OfKind extends WattproofError {
      readonly kind = kind as ErrorKind
    }
    expect(exitCodeOf(new OfKind('So it is.'))).toBe(entry.exitCode)
    const given = ['invalid', 'shape', 'range', 'event-terms', 'zero-account']
    const isWrongUse = [...given, 'wrong-use', 'configuration'].includes(kind)
    expect(entry.exitCode).toBe(isWrongUse ? 2 : 1)
  },
)

test.each(Object.entries(errorKinds))(
  'what the API refuses as %s ends a command as its own refusal does',
  (kind, { status, exitCode }) => {
    const answer = { type: problemType(kind as ErrorKind), status }
    for (const Refused of [RefusedByApiError, ApiBusyError]) {
      const error = new Refused({ status, sentence: 'So it is.', answer })
      expect(error.kind).toBe(kind)
      expect(exitCodeOf(error)).toBe(exitCode)
    }
  },
)

test.each([
  [400, 2],
  [403, 1],
  [404, 1],
  [413, 1],
  [502, 1],
  [503, 1],
])('an answer of %d without a kind, such as a proxy gives, ends with %d', (status, exitCode) => {
  for (const answer of [{}, { type: 'about:blank' }]) {
    const error = new RefusedByApiError({ status, sentence: 'So it is.', answer })
    expect(exitCodeOf(error)).toBe(exitCode)
  }
})

test('what was typed or configured wrongly ends with 2, everything else with 1', () => {
  expect(exitCodeOf(new FileUnreadableError({ file: 'a', as: 'JSON' }, new Error('b')))).toBe(2)
  expect(exitCodeOf(new SettingsError({ issues: [] }))).toBe(2)
  expect(exitCodeOf(denied)).toBe(2)
  expect(exitCodeOf(new RetryableError('Down.'))).toBe(1)
  expect(exitCodeOf(new TypeError('x'))).toBe(1)
})
