import http from 'node:http'
import { json } from 'node:stream/consumers'
import { AnvilRefusesError } from '../../schemas/errors/installation.ts'

const answerMsMax = 5_000

/**
 * One JSON-RPC call to a node on this machine.
 *
 * Not `fetch`, as the state of the chain is looked at every 50 ms: this takes a third of the CPU.
 *
 * @throws AnvilRefusesError for an error of the node, else the error of the connection.
 */
export async function callAnvil<T>(
  url: string,
  method: string,
  parameters: readonly unknown[] = [],
): Promise<T> {
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters })
  const body = (await json(await post(url, text))) as {
    result?: T
    error?: { message: string }
  }
  if (body.error) throw new AnvilRefusesError({ method, reason: body.error.message })
  return body.result as T
}

function post(url: string, text: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    }
    const request = http.request(url, { method: 'POST', headers }, resolve)
    request.setTimeout(answerMsMax, () => {
      request.destroy(new DOMException(`No answer in ${answerMsMax} ms.`, 'TimeoutError'))
    })
    request.once('error', reject)
    request.end(text)
  })
}
