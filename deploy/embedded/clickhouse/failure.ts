import { ClickHouseFailure } from '../../../schemas/errors/embeddedClickHouse.ts'
import { sentenceOf } from '../../../schemas/errors/wattproofError.ts'

const statusOf: Readonly<Record<number, number>> = {
  6: 400,
  47: 400,
  60: 404,
  62: 400,
  81: 404,
  115: 400,
  159: 408,
  202: 503,
  241: 500,
  307: 413,
  456: 400,
  457: 400,
  497: 403,
  516: 401,
}

export type FailureAnswer = {
  readonly status: number
  readonly code: number
  readonly text: string
}

/** Any failure in the form the client parses: `Code: N. DB::Exception: … (NAME)`. */
export function describeFailure(error: unknown, engine: string): FailureAnswer {
  if (error instanceof ClickHouseFailure) {
    const text = `Code: ${error.code}. DB::Exception: ${error.message} (${error.type})`
    return answer(error.code, `${text} (version ${engine})`)
  }
  const sentence = sentenceOf(error)
  const code = Number(/Code: (\d+)\./.exec(sentence)?.[1] ?? 1002)
  const isComplete = /\([A-Z][A-Z0-9_]{2,}\)/.test(sentence) && sentence.includes('Exception: ')
  const text = isComplete
    ? sentence
    : `Code: ${code}. DB::Exception: ${sentence} (UNKNOWN_EXCEPTION)`
  return answer(code, `${text} (version ${engine})`)
}

function answer(code: number, text: string): FailureAnswer {
  return { status: statusOf[code] ?? 500, code, text: `${text}\n` }
}
