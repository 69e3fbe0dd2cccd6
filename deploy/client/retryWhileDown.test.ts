import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { InvalidArgumentError, RetryableError } from '../../schemas/errors/wattproofError.ts'
import { freePorts } from '../installation/addresses.ts'
import { retryWhileDown } from './retryWhileDown.ts'

test('retries until the server is up', async () => {
  const [port = 0] = await freePorts(1)
  const server = createServer((_, response) => response.end('open'))
  setTimeout(() => server.listen(port, '127.0.0.1'), 350)
  const text = await retryWhileDown(async () => (await fetch(`http://127.0.0.1:${port}`)).text())
  expect(text).toBe('open')
  server.closeAllConnections()
  server.close()
})

test('a refusal is not retried', async () => {
  let times = 0
  const work = async () => {
    times++
    if (times === 1) throw new RetryableError('down')
    throw new InvalidArgumentError('no')
  }
  await expect(retryWhileDown(work)).rejects.toThrow('no')
  expect(times).toBe(2)
})
