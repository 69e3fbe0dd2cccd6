import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AnvilUnreadableError } from '../../schemas/errors/embeddedAnvil.ts'
import { AnvilRefusesError } from '../../schemas/errors/installation.ts'
import { connectAnvil, ipcName } from './anvilIpc.ts'

/** What stands in for anvil says this line to whatever is asked. */
let said = ''
const here = process.cwd()
let dir: string
let server: net.Server
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-ipc-'))
  process.chdir(dir)
  server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(`${said}\n`))
  })
  await new Promise<void>((resolve) => server.listen(ipcName, resolve))
})
afterEach(() => {
  server.close()
  process.chdir(here)
  rmSync(dir, { recursive: true, force: true })
})

test('an answer is the result, also where it is null, or the refusal with its reason', async () => {
  const anvil = await connectAnvil()
  said = '{"jsonrpc":"2.0","id":1,"result":null}'
  await expect(anvil.call('eth_getBlockByNumber')).resolves.toBeNull()
  said = '{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no such block"}}'
  await expect(anvil.call('eth_call')).rejects.toThrow('anvil refuses eth_call: no such block.')
  said = '{"jsonrpc":"2.0","id":3,"error":null}'
  await expect(anvil.call('eth_call')).rejects.toThrow(AnvilRefusesError)
  anvil.close()
})

test('what answers no request is passed over', async () => {
  const unaddressed = [
    '{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":{}}}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
  ]
  const anvil = await connectAnvil()
  for (const id of [1, 2]) {
    said = [...unaddressed, JSON.stringify({ jsonrpc: '2.0', id, result: id })].join('\n')
    await expect(anvil.call('eth_chainId')).resolves.toBe(id)
  }
  anvil.close()
})

const unreadable = [
  ...['{"jsonrpc":"2.0","id":1,"resu', '[]', 'null', '{}'],
  ...['{"id":"one","result":1}', '{"id":null,"result":1}', '{"id":"1","method":"m"}'],
]
test.each(unreadable)(
  'what is no answer ends the connection and every request with it: %s',
  async (line) => {
    said = line
    const anvil = await connectAnvil()
    const asked = [anvil.call('eth_chainId'), anvil.call('eth_blockNumber')]
    for (const each of await Promise.allSettled(asked)) {
      expect(each).toMatchObject({ status: 'rejected', reason: expect.any(AnvilUnreadableError) })
    }
  },
)
