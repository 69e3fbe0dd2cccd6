import { CommanderError } from 'commander'
import * as z from 'zod'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { errorKinds } from '../../schemas/errors/kinds.ts'
import { localFileError } from '../../schemas/errors/localFile.ts'
import { problemOf, problemType } from '../../schemas/errors/problem.ts'
import { sentenceOf, WattproofError } from '../../schemas/errors/wattproofError.ts'
import { toJson } from '../../schemas/units.ts'
import { hasAnswered, say } from './output.ts'

/**
 * Says what went wrong, unless commander has already said it. With `--json` the answer is an
 * RFC 9457 document: the API's own, or one of the same shape without `instance`.
 *
 * @returns the exit code.
 */
export function reportFailure(thrown: unknown, isJson: boolean): number {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0
  const error = localFileError(thrown)
  const isCommander = error instanceof CommanderError
  if (!isCommander) for (const line of linesOf(error)) say(line)
  // One document at most: a command that runs until it is stopped may have printed its own.
  if (isJson && !hasAnswered()) process.stdout.write(`${toJson(documentOf(error), 2)}\n`)
  return isCommander ? 2 : exitCodeOf(error)
}

const shapeSchema = z.object({
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
})

/** The sentence names the first field that does not fit; the others follow, one a line. */
function linesOf(error: unknown): string[] {
  const document = answerOf(error) ?? (error instanceof WattproofError ? error.details : {})
  const [, ...others] = shapeSchema.safeParse(document).data?.errors ?? []
  const more = others.map(({ path, message }) => `  ${path}: ${message}.`)
  return [`wattproof: ${sentenceOf(error)}`, ...more]
}

function documentOf(error: unknown): object {
  if (error instanceof CommanderError) {
    const detail = error.message.replace(/^error: /, '')
    const { status, title } = errorKinds['wrong-use']
    return { type: problemType('wrong-use'), title, status, detail }
  }
  const sent = answerOf(error)
  if (sent !== null) return sent
  const { instance: _, ...problem } = problemOf(error, '').problem
  return { ...problem, detail: sentenceOf(error) }
}

/** The problem document that the API sent, if the error is a refusal of the API. */
function answerOf(error: unknown): object | null {
  if (typeof error !== 'object' || error === null || !('details' in error)) return null
  const { details } = error
  if (typeof details !== 'object' || details === null || !('answer' in details)) return null
  const { answer } = details
  return typeof answer === 'object' && answer !== null && 'type' in answer ? answer : null
}
