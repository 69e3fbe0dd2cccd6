import { openRpc } from '../engines/chain/ethersChainRpc.ts'

/** One call to a chain. @throws RpcError when it refuses. */
export function callAnvil<T>(
  url: string,
  method: string,
  parameters: readonly unknown[] = [],
): Promise<T> {
  return openRpc(url).call(method, parameters) as Promise<T>
}
