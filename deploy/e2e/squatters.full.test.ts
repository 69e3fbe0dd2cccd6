import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { chainUrlOf, jobsUrlOf, viewsUrlOf } from '../installation/addresses.ts'
import { readConfig } from '../installation/config.ts'
import { holdPort } from '../sockets/holdPort.ts'
import { socketOf } from '../sockets/socketUrl.ts'
import { readProcessTable, readReplacements } from '../supervise/processTable.ts'
import { listTree } from '../testing/processTree.ts'
import { squatting, startStranger } from '../testing/stranger.ts'
import { ask, type LiveUp, startLiveUp } from './liveUp.ts'

const isRoot = process.getuid?.() === 0
const owners = /clickhouse\/main|anvilMain|postgresMain/

test.runIf(isRoot)(
  'who waits for the place of an engine that is killed hears nothing',
  async () => {
    const parent = fs.mkdtempSync('/tmp/wattproof-squatters-')
    fs.chmodSync(parent, 0o755)
    const dir = path.join(parent, 'installation')
    const up = await startLiveUp(dir, { ...process.env, HOME: parent })
    const config = readConfig({ WATTPROOF_DIR: dir }, {})
    const urls = [viewsUrlOf(config), chainUrlOf(config), jobsUrlOf(config)].map(
      (each) => new URL(each),
    )
    const strangers = urls.map((url) => startStranger(squatting(JSON.stringify(placeOf(url)))))
    try {
      for (let round = 0; round < 3; round++) {
        const before = listOwners(up.process.pid!)
        expect(before).toHaveLength(3)
        for (const pid of before.flatMap((owner) => [owner, ...below(owner)])) kill(pid)
        await expect
          .poll(() => listOwners(up.process.pid!).filter((pid) => !before.includes(pid)).length, {
            timeout: 60_000,
          })
          .toBe(3)
        await expect
          .poll(async () => (await ask(up, '/api/v1/status')).status, { timeout: 120_000 })
          .toBe(200)
        await expect
          .poll(async () => (await ask(up, '/api/v1/jobs')).status, { timeout: 120_000 })
          .toBe(200)
      }
      expect(strangers.map((each) => each.said())).toEqual(['EACCES\n', 'EACCES\n', 'EACCES\n'])
    } finally {
      for (const each of strangers) each.end()
      await up.stop()
      fs.rmSync(parent, { recursive: true, force: true })
    }
  },
  600_000,
)

/** Where the layers look for it. */
function placeOf(url: URL): object {
  const file = socketOf(url)
  if (file === null) return { host: url.hostname, port: Number(url.port) }
  return { path: url.protocol === 'postgres:' ? `${file}/.s.PGSQL.5432` : file }
}

function listOwners(supervisor: number): number[] {
  return listTree(supervisor)
    .filter(({ command }) => owners.test(command))
    .map(({ pid }) => pid)
}

function below(owner: number): number[] {
  return listTree(owner).map(({ pid }) => pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Ended with its owner.
  }
}

test.runIf(isRoot)(
  'who waits for the port of the API hears nothing while it or its supervisor lives',
  async () => {
    const parent = fs.mkdtempSync('/tmp/wattproof-squatters-')
    const up = await startLiveUp(path.join(parent, 'installation'))
    const [address, any] = ['127.0.0.1', '0.0.0.0'].map((host) => {
      const place = { host, port: Number(new URL(up.url).port) }
      return startStranger(squatting(JSON.stringify(place)))
    })
    const said = () => [address, any].map((each) => each!.said())
    const kept = ['EADDRINUSE\n', 'EADDRINUSE\n']
    try {
      await expect.poll(said, { timeout: 60_000 }).toEqual(kept)
      const answers: number[] = []
      for (let round = 0; round < 10; round++) {
        const { pid } = readProcessTable(up.dir).serve!
        kill(pid)
        while (fs.existsSync(`/proc/${pid}`)) await sleep(1)
        // A gateway that goes on sending, with the token, on connections of its own.
        const isBack = () => (readProcessTable(up.dir).serve?.pid ?? pid) !== pid
        for (let sent = 0; sent < 5 || !isBack(); sent++) answers.push(await statusOf(up))
        await expect.poll(() => statusOf(up), { timeout: 60_000 }).toBe(200)
      }
      // Neither refused nor cut off.
      expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([])
      expect(said()).toEqual(kept)
      expect(readReplacements(up.dir).serve?.count).toBe(10)
      // The promise ends with the supervisor (LIMITS.md), and these strangers would notice.
      up.process.kill('SIGKILL')
      await expect.poll(() => said().join(), { timeout: 60_000 }).toContain('bound')
    } finally {
      for (const each of [address, any]) each!.end()
      await up.stop()
      fs.rmSync(parent, { recursive: true, force: true })
    }
  },
  600_000,
)

test.runIf(isRoot)(
  'a socket that systemd keeps for `up` is nobody else’s, whatever dies',
  async () => {
    const parent = fs.mkdtempSync('/tmp/wattproof-squatters-')
    const dir = path.join(parent, 'installation')
    const kept = await holdPort({ host: '127.0.0.1', port: 0 })
    const environment = { ...process.env, WATTPROOF_LISTEN_FDS: '3' }
    const start = () => startLiveUp(dir, environment, [kept.sockets[0]!.fd])
    let up = await start()
    const place = JSON.stringify({ host: '127.0.0.1', port: kept.port })
    const stranger = startStranger(squatting(place))
    try {
      expect(new URL(up.url).port).toBe(String(kept.port))
      await expect.poll(stranger.said, { timeout: 60_000 }).toBe('EADDRINUSE\n')
      const { pid } = readProcessTable(dir).serve!
      up.process.kill('SIGKILL')
      while (fs.existsSync(`/proc/${pid}`)) await sleep(5)
      // It waits, and gets its answer from the next one.
      const waiting = statusOf(up)
      up = await start()
      expect([200, 503]).toContain(await waiting)
      expect(await statusOf(up)).toBe(200)
      expect(stranger.said()).toBe('EADDRINUSE\n')
    } finally {
      stranger.end()
      await up.stop()
      kept.close()
      fs.rmSync(parent, { recursive: true, force: true })
    }
  },
  600_000,
)

/** 0: nobody answered. */
function statusOf({ url, token }: LiveUp): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` }
    const asked = http.get(`${url}/api/v1/status`, { agent: false, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('error', () => resolve(0))
  })
}
