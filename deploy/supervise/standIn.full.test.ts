import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { isFree } from '../installation/addresses.ts'
import { listDescendants } from '../process/threadState.ts'
import { holdPort } from '../sockets/holdPort.ts'
import { superviseChild } from './child.ts'

/** A supervised server that is killed, and one that cannot come back for a while. */
const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-stand-in-'))
const barred = path.join(dir, 'barred')
const file = path.join(dir, 'server.mjs')
writeFileSync(
  file,
  `import { existsSync } from 'node:fs'
import http from 'node:http'
process.on('disconnect', () => process.exit())
if (existsSync(${JSON.stringify(barred)})) process.exit(3)
const server = http.createServer((_, answer) => answer.end('pid ' + process.pid))
const [fd] = process.env.WATTPROOF_LISTEN_FDS.split(',').map(Number)
server.listen({ fd }, () => process.send({ type: 'ready' }))`,
)

test('connections wait for a restart, and are refused when it takes longer', async () => {
  const held = await holdPort({ host: '127.0.0.1', port: 0 })
  const lines: string[] = []
  const child = superviseChild(
    { name: 'server', entry: [file], environment: process.env, listensOn: held },
    { say: (_, line) => lines.push(line), pidChanged: () => {} },
    { first: 50, longest: 400, patient: 400 },
  )
  const served = () => ({ status: 200, body: `pid ${child.pid()}` })
  const isServed = async () => (await ask(held.port)).body === served().body
  try {
    await child.ready
    expect(await ask(held.port)).toEqual(served())
    for (let kill = 0; kill < 3; kill++) {
      process.kill(child.pid()!, 'SIGKILL')
      await expect.poll(() => lines.length).toBe(kill + 1)
      const answer = await ask(held.port)
      // Beside other work a start may take longer than anybody is let wait.
      if (answer.status === 200) expect(answer).toEqual(served())
      else expect(answer.body).toContain('urn:wattproof:problem:not-now')
      await expect.poll(isServed, { timeout: 30_000 }).toBe(true)
    }

    writeFileSync(barred, '')
    process.kill(child.pid()!, 'SIGKILL')
    await expect.poll(() => lines.at(-1)).toContain('SIGKILL')
    const away = await ask(held.port)
    expect(away.status).toBe(503)
    expect(JSON.parse(away.body)).toMatchObject({
      type: 'urn:wattproof:problem:not-now',
      detail: expect.stringContaining('is being started again'),
    })
    // Whether it is asked by a probe or sent something.
    const posted = await ask(held.port, { method: 'POST', path: '/api/v1/readings' }, 'x'.repeat(9))
    expect(posted).toMatchObject({ status: 503, retryAfter: '1' })
    expect(await isFree(held.port)).toBe(false)
    await expect.poll(() => lines.at(-1), { timeout: 30_000 }).toContain('keeps ending')
    expect((await ask(held.port)).status).toBe(503)

    rmSync(barred)
    await expect.poll(isServed, { timeout: 30_000 }).toBe(true)
    const isAlone = () => listDescendants(process.pid).every((pid) => pid === child.pid())
    await expect.poll(isAlone, { timeout: 10_000 }).toBe(true)
    for (let again = 0; again < 50; again++) expect(await ask(held.port)).toEqual(served())
  } finally {
    await child.stop()
    held.close()
  }
  await expect.poll(() => isFree(held.port), { timeout: 10_000 }).toBe(true)
}, 180_000)

type Answer = { readonly status: number; readonly body: string; readonly retryAfter?: string }

/** On a connection of its own. */
function ask(port: number, options: http.RequestOptions = {}, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port, agent: false, ...options }
    const asked = http.request(to, (answer) => {
      const { statusCode = 0, headers } = answer
      const after = headers['retry-after']
      const more = after === undefined ? {} : { retryAfter: after }
      text(answer).then((got) => resolve({ status: statusCode, body: got, ...more }), reject)
    })
    asked.once('error', reject)
    asked.end(body)
  })
}
