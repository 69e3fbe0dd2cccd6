import { CommanderError } from 'commander'
import { expect, test, vi } from 'vitest'
import { NoInstallationError, RefusedByApiError } from '../../schemas/errors/commandLine.ts'
import { RequestShapeError } from '../../schemas/errors/request.ts'
import { reportFailure } from './reportFailure.ts'

function report(error: unknown, isJson: boolean) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const code = reportFailure(error, isJson)
  const [answer, said] = [out, err].map((each) => each.mock.calls.map(String).join(''))
  vi.restoreAllMocks()
  return { code, answer: answer === '' ? null : JSON.parse(answer!), said }
}

const wrongUse = { type: 'urn:wattproof:problem:wrong-use', title: 'Usage error', status: 400 }

test('without --json only the sentence is said', () => {
  expect(report(new NoInstallationError({ dir: '/a' }), false)).toEqual({
    ...{ code: 2, answer: null },
    said: 'wattproof: There is no installation in /a; `wattproof up --dir /a` creates one.\n',
  })
})

test('with --json the answer is one problem document', () => {
  const detail = 'There is no installation in /a; `wattproof up --dir /a` creates one.'
  expect(report(new NoInstallationError({ dir: '/a' }), true)).toEqual({
    ...{ code: 2, said: `wattproof: ${detail}\n` },
    answer: { ...wrongUse, dir: '/a', detail },
  })
  const lost = Object.assign(new Error('ENOENT: …'), { code: 'ENOENT', path: '/b' })
  expect(report(lost, true)).toMatchObject({ code: 2, answer: { detail: 'There is no file /b.' } })
})

test('a refusal of the API is its own document', () => {
  const answer = { type: 'urn:wattproof:problem:conflict', status: 409, detail: 'Not yet.' }
  const error = new RefusedByApiError({ status: 409, sentence: 'Not yet.', answer })
  expect(report(error, true)).toEqual({ code: 1, answer, said: 'wattproof: Not yet.\n' })
})

test('every field that does not fit is said, from the API and without it', () => {
  const issues = ['id', 'start', 'terms'].map((name) => ({ path: [name], message: 'wrong' }))
  const local = new RequestShapeError('body', issues)
  expect(report(local, false).said).toBe(
    'wattproof: body.id: wrong.\n  body.start: wrong.\n  body.terms: wrong.\n',
  )
  const answer = { type: 'urn:wattproof:problem:shape', ...local.details }
  const sent = new RefusedByApiError({ status: 400, sentence: 'body.id: wrong.', answer })
  expect(report(sent, false).said).toBe(report(local, false).said)
})

test('what commander has said is not repeated, but answered', () => {
  const error = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'")
  const answer = { ...wrongUse, detail: "unknown option '--x'" }
  expect(report(error, true)).toEqual({ code: 2, answer, said: '' })
  const help = new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)')
  expect(report(help, true)).toEqual({ code: 0, answer: null, said: '' })
})
