import { AnvilRefusesError } from '../../schemas/errors/installation.ts'

/** One JSON-RPC call to a node on this machine. */
export async function callAnvil<T>(
  url: string,
  method: string,
  parameters: readonly unknown[] = [],
): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters }),
    signal: AbortSignal.timeout(5_000),
  })
  const body = (await response.json()) as { result?: T; error?: { message: string } }
  if (body.error) throw new AnvilRefusesError({ method, reason: body.error.message })
  return body.result as T
}
