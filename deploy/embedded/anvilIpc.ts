import { once } from 'node:events'
import net from 'node:net'
import * as z from 'zod'
import { AnvilUnreadableError } from '../../schemas/errors/embeddedAnvil.ts'
import { AnvilGoneError, AnvilRefusesError } from '../../schemas/errors/installation.ts'
import type { AskNode, NodeAnswer } from './anvilMethods.ts'

/** anvil's socket, in the folder of the chain. */
export const ipcName = 'anvil.ipc'

export type AnvilIpc = {
  readonly ask: AskNode
  /** @throws AnvilRefusesError for an error of anvil, else the error of the connection. */
  call<T>(method: string, parameters?: readonly unknown[]): Promise<T>
  close(): void
}

const answerMsMax = 10_000

type Waiting = {
  readonly take: (answer: NodeAnswer) => void
  readonly fail: (error: Error) => void
  readonly late: NodeJS.Timeout
}

/**
 * Connects to the anvil of the current folder: the path of a socket has at most 108 bytes, and a
 * relative one is short wherever the folder is.
 */
export async function connectAnvil(): Promise<AnvilIpc> {
  const socket = net.connect({ path: `./${ipcName}` })
  const waiting = new Map<number, Waiting>()
  await once(socket, 'connect')
  const failAll = (error: Error) => {
    for (const id of [...waiting.keys()]) settle(waiting, id)?.fail(error)
  }
  socket.on('error', failAll)
  socket.on('close', () => failAll(new AnvilGoneError()))
  onLines(socket, (line) => {
    const said = readAnswer(line)
    if (said === null) socket.destroy(new AnvilUnreadableError({ line: line.slice(0, 200) }))
    else if (said.id !== null) settle(waiting, said.id)?.take(said.answer)
  })
  let lastId = 0
  const ask: AskNode = (method, parameters) => {
    return new Promise((take, fail) => {
      lastId++
      const id = lastId
      const late = setTimeout(() => {
        const said = `No answer to ${method} in ${answerMsMax} ms.`
        settle(waiting, id)?.fail(new DOMException(said, 'TimeoutError'))
      }, answerMsMax)
      waiting.set(id, { take, fail, late })
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: parameters })}\n`)
    })
  }
  return {
    ask,
    async call<T>(method: string, parameters: readonly unknown[] = []) {
      const answer = await ask(method, parameters)
      if (!('error' in answer)) return answer.result as T
      const reason = refusalShape.safeParse(answer.error).data?.message ?? null
      throw new AnvilRefusesError({ method, reason })
    },
    close: () => void socket.destroy(),
  }
}

const refusalShape = z.object({ message: z.string() })
const answerShape = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
})

/** JSON-RPC: a notification, and the refusal of a line of which the node read no id. */
const unaddressedShape = z.union([
  z.object({ id: z.undefined().optional(), method: z.string() }),
  z.object({ id: z.null(), error: refusalShape }),
])

type Said = { readonly id: number; readonly answer: NodeAnswer } | { readonly id: null }

/** Null for what is no message of JSON-RPC; without an id for what answers no request. */
function readAnswer(line: string): Said | null {
  const value = parseJson(line)
  if (unaddressedShape.safeParse(value).success) return { id: null }
  const parsed = answerShape.safeParse(value)
  if (!parsed.success) return null
  const { id, result, error } = parsed.data
  return { id, answer: error === undefined ? { result } : { error } }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Said by the caller, which shows the line.
    return undefined
  }
}

function settle(waiting: Map<number, Waiting>, id: number): Waiting | undefined {
  const found = waiting.get(id)
  waiting.delete(id)
  clearTimeout(found?.late)
  return found
}

/** anvil ends each answer with a line feed. */
function onLines(socket: net.Socket, take: (line: string) => void): void {
  let parts: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      take(Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8'))
      parts = []
      rest = rest.subarray(end + 1)
    }
    if (rest.length > 0) parts.push(rest)
  })
}
