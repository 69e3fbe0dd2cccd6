import * as z from 'zod'

const warnLevel = 40
/** In every entry of a process's log; a reader of the terminal does not need them. */
const header = ['level', 'time', 'pid', 'hostname', 'name', 'msg', 'reqId'] as const

const entrySchema = z.looseObject({ level: z.number(), msg: z.string().optional() })
const causeSchema = z.object({ message: z.string() })

/**
 * A line of a process's output as a person reads it: `serve: message (key=value)`. Entries of
 * its log below warnings are left out (null); what is no entry is passed on as it is.
 */
export function plainLine(name: string, line: string): string | null {
  const entry = entryOf(line)
  if (entry === null) return line.trim() === '' ? null : `${name}: ${line}`
  if (entry.level < warnLevel) return null
  const more = Object.entries(entry)
    .filter(([key]) => !header.some((each) => each === key))
    .map(([key, value]) => `${key}=${textOf(value)}`)
  const tail = more.length > 0 ? ` (${more.join(', ')})` : ''
  return `${name}: ${entry.msg ?? 'an entry without a message'}${tail}`.replaceAll(/\s+/g, ' ')
}

function entryOf(line: string): z.infer<typeof entrySchema> | null {
  if (!line.startsWith('{')) return null
  try {
    return entrySchema.safeParse(JSON.parse(line)).data ?? null
  } catch {
    // Something else that begins with a brace.
    return null
  }
}

/** An error by its message: its stack is in the JSON lines. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return causeSchema.safeParse(value).data?.message ?? JSON.stringify(value)
}
