import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { PortTakenError } from '../../schemas/errors/installation.ts'
import { type HeldPort, holdGiven, holdPort } from './holdPort.ts'
import { listenOn } from './listenOn.ts'

const host = '127.0.0.1'

/** Another process that listens on what it inherits, and answers with a word. */
async function startListener(held: HeldPort, word: string) {
  const code = `const server = require('http').createServer((_, answer) => answer.end('${word}'))
    server.listen({ fd: 4 }, () => process.send('listening'))
    process.on('disconnect', () => process.exit())`
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc', held.sockets[0]!.fd] as const
  const child = spawn(process.execPath, ['-e', code], { stdio: [...stdio] })
  await once(child, 'message')
  return child
}

/** On a connection of its own. */
function ask(port: number, address = host): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = http.get({ host: address, port, agent: false }, (answer) => {
      text(answer).then(resolve, reject)
    })
    asked.once('error', reject)
  })
}

/** What a program gets that would like to be there too. */
function squat(port: number, address = host): Promise<string> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code!))
    server.listen(port, address, () => server.close(() => resolve('bound')))
  })
}

test('who listens may die: nobody else gets the port, and connections wait', async () => {
  const held = await holdPort({ host, port: 0 })
  try {
    const first = await startListener(held, 'first')
    expect(await ask(held.port)).toBe('first')
    first.kill('SIGKILL')
    await once(first, 'exit')
    for (const address of [host, '0.0.0.0']) {
      expect(await squat(held.port, address)).toBe('EADDRINUSE')
    }
    const waiting = ask(held.port)
    const second = await startListener(held, 'second')
    expect(await waiting).toBe('second')
    second.kill('SIGKILL')
    await once(second, 'exit')
  } finally {
    held.close()
  }
  expect(await squat(held.port)).toBe('bound')
})

test('one server answers at both addresses of localhost', async () => {
  const held = await holdPort({ host: 'localhost', port: 0 })
  const server = http.createServer((_, answer) => answer.end('here'))
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await listenOn(server, held)
  const addresses = [host, ...(held.sockets.length > 1 ? ['::1'] : [])]
  for (const address of addresses) {
    expect(await ask(held.port, address)).toBe('here')
    expect(await squat(held.port, address)).toBe('EADDRINUSE')
  }
  expect(connections).toBe(addresses.length)
  server.close()
  await once(server, 'close')
  for (const address of addresses) {
    await expect.poll(() => squat(held.port, address)).toBe('bound')
  }
})

test('a port in use, an address of others and a name of nobody are refused', async () => {
  const other = net.createServer().listen(0, host)
  await once(other, 'listening')
  const { port } = other.address() as net.AddressInfo
  await expect(holdPort({ host, port })).rejects.toThrow(PortTakenError)
  other.close()
  // An address of the block for documentation, RFC 5737.
  const elsewhere = holdPort({ host: '192.0.2.1', port: 0 })
  await expect(elsewhere).rejects.toThrow(
    'The API cannot listen at 192.0.2.1, port 0: EADDRNOTAVAIL',
  )
  await expect(holdPort({ host: 'no.such.name.invalid', port: 0 })).rejects.toThrow(
    /The API cannot listen at no\.such\.name\.invalid, port 0: E\w+/,
  )
})

test('a descriptor that is no socket is refused', () => {
  expect(() => holdGiven([987])).toThrow(
    'The API cannot listen at descriptor 987: it is no socket.',
  )
})
