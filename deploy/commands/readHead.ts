import {
  DelimiterError,
  EmptyFileError,
  NotTextError,
  StepFlagError,
  TidyColumnsError,
  WideGuessError,
} from '../../schemas/errors/readingsFile.ts'
import { intervalSMax } from '../../schemas/meter/step.ts'
import { knownFields } from '../../speed/ingest/draft.ts'
import { ingestLimits } from '../../speed/ingest/limits.ts'
import type { OpenFile } from './localFiles.ts'

type Layout = 'tidy' | 'wide'
type HeadOptions = { readonly layout?: Layout; readonly step?: string }

/**
 * The layout of a CSV file, by `--layout` or its header: one that names meter and start is tidy,
 * any other is wide, one series a column.
 *
 * @throws an error that names flags and columns when the file cannot be read that way: before
 * anything is sent.
 */
export async function layoutOf(source: OpenFile, options: HeadOptions): Promise<Layout> {
  const file = source.name
  const header = await readHeader(source)
  const columns = header.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  if (columns.length === 1 && /[;\t]/.test(header)) {
    throw new DelimiterError({ file, delimiter: header.includes(';') ? 'semicolon' : 'tab' })
  }
  const isTidy = columns.includes('meter') && columns.includes('start')
  const layout = options.layout ?? (isTidy ? 'tidy' : 'wide')
  if (layout === 'tidy') checkTidy(file, columns)
  else checkWide(file, columns, options)
  return layout
}

/** Whether a file without a name to tell by, standard input, has a JSON object a line. */
export async function isUnnamedLines(source: OpenFile): Promise<boolean> {
  return source.name === '-' && (await readHeader(source)).trimStart().startsWith('{')
}

function checkTidy(file: string, columns: readonly string[]): void {
  const unknown = columns.filter((name) => !knownFields.includes(name))
  const hasValue = columns.includes('energy_wh') || columns.includes('power_w')
  const missing = ['meter', 'start', 'duration_s'].filter((name) => !columns.includes(name))
  if (!hasValue) missing.push('energy_wh or power_w')
  if (unknown.length + missing.length === 0) return
  throw new TidyColumnsError({ file, unknown, missing, known: knownFields })
}

function checkWide(file: string, columns: readonly string[], options: HeadOptions): void {
  const { step, layout } = options
  const stepSMax = intervalSMax
  if (step === undefined && layout === undefined) {
    throw new WideGuessError({ file, columns, known: knownFields })
  }
  const isStep = /^[1-9]\d*$/.test(step ?? '') && Number(step) <= stepSMax
  if (!isStep) throw new StepFlagError({ file, step, stepSMax })
}

/** Without its line end and byte order mark. */
async function readHeader(source: OpenFile): Promise<string> {
  const file = source.name
  let length = 0
  const pieces = await source.readHead((piece) => {
    if (piece.includes(0)) throw new NotTextError({ file })
    length += piece.length
    return piece.includes(lineFeed) || length > headerBytesMax
  })
  const [header = ''] = Buffer.concat(pieces)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  if (header.trim() === '') throw new EmptyFileError({ file })
  return header
}

const lineFeed = 10
const headerBytesMax = ingestLimits.bytesMax / 4
