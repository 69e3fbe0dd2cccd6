import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import { connect, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkPermissions } from '../commands/doctor.ts'
import { openRpc } from '../engines/chain/ethersChainRpc.ts'
import { namedQuery } from '../engines/views/namedQueries.ts'
import { chainUrlOf, jobsUrlOf, readContracts, viewsUrlOf } from '../installation/addresses.ts'
import { readConfig } from '../installation/config.ts'
import { closeToOthers, listExposed } from '../installation/permissions.ts'
import { projectRoot } from '../process/runtime.ts'
import { postgresSocket } from '../sockets/enginePlaces.ts'
import { socketOf } from '../sockets/socketUrl.ts'
import { callAnvil } from '../testing/callAnvil.ts'
import { listTree } from '../testing/processTree.ts'
import { asStranger, connecting, listening, listListening } from '../testing/stranger.ts'

/**
 * An installation under attack by another user of the machine and by web pages, started by a user
 * who hides nothing (`umask 000`). All engines are real.
 */
/** Where everybody may enter: it is the folder itself that must keep them out. */
const parent = fs.mkdtempSync('/tmp/wattproof-strangers-')
const dir = path.join(parent, 'installation')
const config = readConfig({ WATTPROOF_DIR: dir }, {})
const isRoot = process.getuid?.() === 0
const evil = { origin: 'https://evil.example' }

let up: ChildProcess
let api: URL
let places: Readonly<Record<'chain' | 'views', URL>>
let chainUrl: string

beforeAll(async () => {
  fs.chmodSync(parent, 0o755)
  const flags = ['up', '--dir', dir, '--port', '0', '--no-browser']
  const command = ['umask 000 && exec "$@"', 'sh', process.execPath, 'deploy/wattproof.mjs']
  up = spawn('sh', ['-c', ...command, ...flags], {
    cwd: projectRoot,
    env: { ...process.env, WATTPROOF_SCHEDULE: 'manual', HOME: parent },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    up.once('exit', () => reject(new Error(said)))
    up.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Up in ')) resolve()
    })
  })
  api = new URL(/Up in [^:]*: (http:\S+)/.exec(said)![1]!)
  chainUrl = chainUrlOf(config)
  places = { chain: new URL(chainUrl), views: new URL(viewsUrlOf(config)) }
  expect(said).not.toContain(places.chain.password)
}, 120_000)

afterAll(async () => {
  await stop()
  fs.rmSync(parent, { recursive: true, force: true })
})

describe('an installation', () => {
  test('its folder is 0700, all folders in it too, and all files 0600', () => {
    expect(listWrong()).toEqual([])
    expect(checkPermissions({ dir })).toMatchObject({ state: 'good' })
    expect(fs.existsSync(path.join(dir, 'chain/anvil.ipc'))).toBe(true)
  })

  test('no process of it listens on a port but the API, and anvil where nobody arrives', () => {
    const found = listTree(up.pid!).flatMap(({ pid }) => listListening(pid))
    const reachable = found.filter(({ host }) => host !== '224.0.0.1')
    // One socket of two processes: the supervisor holds it, and the API accepts there.
    const ours = { host: '127.0.0.1', port: Number(api.port) }
    expect(reachable).toEqual([ours, ours])
    expect(found).toHaveLength(3)
  })

  test('what its processes are started with names no password', () => {
    const commands = listTree(up.pid!).map(({ command }) => command)
    expect(commands.length).toBeGreaterThan(8)
    const jobs = new URL(jobsUrlOf(config)).password
    const secrets = [places.chain.password, places.views.password, jobs]
    expect(new Set(secrets).size).toBe(3)
    expect(commands.filter((each) => secrets.some((secret) => each.includes(secret)))).toEqual([])
  })
})

describe.skipIf(!isRoot)('another user of the machine (skipped unless root runs it)', () => {
  test('reads and enters nothing of the folder', () => {
    const files = ['secret', 'token', 'chain-password', 'contracts.json', 'chain/chain.json']
    for (const file of files) {
      expect(fs.existsSync(path.join(dir, file)), file).toBe(true)
      const code = `require('fs').readFileSync(${JSON.stringify(path.join(dir, file))})`
      expect(asStranger(code)).toBe('EACCES')
    }
    const listing = (folder: string) => `require('fs').readdirSync(${JSON.stringify(folder)})`
    expect(asStranger(listing(dir))).toBe('EACCES')
    expect(asStranger(listing(parent))).toBe('')
  })

  test('reaches no port of anvil', () => {
    const ports = listListening(anvilPid())
    expect(ports).toHaveLength(1)
    const addresses = Object.values(os.networkInterfaces()).flatMap((each) => each ?? [])
    const own = addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
    for (const { host, port } of ports) {
      for (const target of new Set([host, '127.0.0.1', '0.0.0.0', 'localhost', ...own])) {
        const place = `{ host: '${target}', port: ${port}, timeout: 500 }`
        expect(asStranger(connecting(place)), target).not.toBe('connected')
      }
    }
    // What the attempts would say if they succeeded.
    const open = `{ host: '127.0.0.1', port: ${api.port} }`
    expect(asStranger(connecting(open))).toBe('connected')
  })

  test('learns which chain a validator of its own needs', async () => {
    process.seteuid?.(65_534)
    try {
      const asked = openRpc(chainUrl).call('eth_chainId')
      await expect(asked).rejects.toThrow(/closed to this user: .* with CHAIN_URL of a chain/)
    } finally {
      process.seteuid?.(0)
    }
  })

  test('connects to no engine, and takes no engine’s place', () => {
    const sockets = [
      ...[places.chain, places.views].map((url) => socketOf(url)!),
      postgresSocket(socketOf(new URL(jobsUrlOf(config)))!),
      path.join(dir, 'chain/anvil.ipc'),
    ]
    for (const file of sockets) {
      expect(fs.statSync(file), file).toMatchObject({ mode: fs.constants.S_IFSOCK | 0o600 })
      expect(asStranger(connecting(JSON.stringify({ path: file }))), file).toBe('EACCES')
      for (const near of [file, `${file}.new`]) {
        expect(asStranger(listening(JSON.stringify({ path: near }))), near).toBe('EACCES')
      }
      expect(asStranger(`require('fs').unlinkSync(${JSON.stringify(file)})`)).toBe('EACCES')
    }
    expect(asStranger(listening(`{ host: '127.0.0.1', port: 0 }`))).toBe('listening')
  })
})

describe('PostgreSQL', () => {
  test('takes one role, which is no superuser, and always its password', () => {
    const hba = fs.readFileSync(path.join(dir, 'postgres/data/pg_hba.conf'), 'utf8')
    expect(hba).toBe('local postgres wattproof scram-sha-256\n')
  })
})

describe('a web page', () => {
  test.each(['chain', 'views'] as const)(
    'gets nothing from %s, even with the password',
    async (name) => {
      const body = name === 'chain' ? rpc('eth_chainId') : namedQuery('published_generation').sql
      expect((await ask(name, { body })).status).toBe(200)
      for (const headers of [
        ...[evil, { origin: 'null' }, { origin: 'http://localhost' }],
        ...[{ host: 'evil.example' }, { host: 'evil.example:8123' }],
        { 'sec-fetch-site': 'same-site' },
      ]) {
        const answer = await ask(name, { body, headers })
        expect(answer.status, JSON.stringify(headers)).toBe(403)
        expect(Object.keys(answer.headers).filter((each) => /^access-control/.test(each))).toEqual(
          [],
        )
      }
      const preflight = { method: 'OPTIONS', body: '', headers: evil }
      expect((await ask(name, preflight)).status).toBe(403)
    },
  )

  test.each(['chain', 'views'] as const)('opens no WebSocket to %s', async (name) => {
    const upgrade = {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    }
    for (const headers of [upgrade, { ...upgrade, ...evil }]) {
      const answer = await ask(name, { method: 'GET', body: '', headers })
      expect([400, 403]).toContain(answer.status)
    }
  })
})

describe('who has the password', () => {
  test('changes nothing of the chain but by a signed transaction', async () => {
    const before = await chainState()
    const vault = readContracts(config)!.IncentiveVault
    const attacks: [string, ...unknown[]][] = [
      ['anvil_impersonateAccount', vault],
      ['anvil_autoImpersonateAccount', true],
      ['eth_sendTransaction', { from: vault, to: `0x${'11'.repeat(20)}`, value: '0x0' }],
      ['anvil_reset'],
      ['hardhat_reset'],
      ['anvil_setBalance', vault, '0x0'],
      ['anvil_setCode', vault, '0x'],
      ['anvil_setStorageAt', vault, `0x${'0'.repeat(64)}`, `0x${'0'.repeat(64)}`],
      ['anvil_mine', '0x1'],
      ['evm_mine'],
      ['evm_snapshot'],
      ['evm_revert', '0x0'],
      ['anvil_dumpState'],
      ['anvil_loadState', '0x'],
      ['debug_traceTransaction', `0x${'0'.repeat(64)}`],
      ['txpool_content'],
    ]
    for (const [method, ...parameters] of attacks) {
      const answer = await ask('chain', { body: rpc(method, parameters) })
      expect(JSON.parse(answer.body), method).toMatchObject({ error: { code: -32_601 } })
    }
    // A block time is one of the clock's, or an event of the next month could not be announced.
    const monthS = Math.floor(Date.now() / 1000) + 30 * 86_400
    const ahead = await ask('chain', { body: rpc('evm_setNextBlockTimestamp', [monthS]) })
    expect(JSON.parse(ahead.body)).toMatchObject({ error: { code: -32_006 } })
    // A second request within a text of the first.
    const inner = `"}]}${rpc('anvil_reset')}`
    await ask('chain', { body: rpc('eth_call', [{ to: vault, data: inner }, 'latest']) })
    expect(await chainState()).toEqual(before)
  })

  test.each([
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', 'system', 'one')",
    "SELECT * FROM s3('http://127.0.0.1:1/x')",
    "SELECT * FROM executable('id', 'TabSeparated', 'x String')",
    "INSERT INTO FUNCTION file('/tmp/out', 'CSV', 'a String') VALUES ('x')",
    "SELECT 1 INTO OUTFILE '/tmp/out'",
    "INSERT INTO meters FROM INFILE '/etc/passwd' FORMAT ArrowStream",
    'SYSTEM SHUTDOWN',
    'SET max_memory_usage = 0',
    "CREATE TABLE x (a String) ENGINE = File('CSV', '/tmp/out')",
    "CREATE USER x IDENTIFIED BY 'x'",
    'SELECT * FROM system.users',
    `${namedQuery('published_generation').sql}; SELECT 1`,
    `${namedQuery('published_generation').sql} INTO OUTFILE '/tmp/out'`,
    `${namedQuery('published_generation').sql} SETTINGS readonly = 0`,
  ])('cannot run %j on ClickHouse', async (statement) => {
    expect((await ask('views', { body: statement })).status).toBe(403)
    const inUrl = `&query=${encodeURIComponent(statement)}`
    expect([400, 403]).toContain((await ask('views', { body: '', more: inUrl })).status)
  })

  test.each(['readonly', 'allow_introspection_functions', 'user_files_path', 'profile'])(
    'cannot set %s of ClickHouse',
    async (setting) => {
      const body = namedQuery('published_generation').sql
      expect((await ask('views', { body, more: `&${setting}=1` })).status).toBe(400)
    },
  )
})

describe('twenty strangers who ask for what costs most, and read nothing', () => {
  const range = 'from=2013-01-01T00:00:00Z&to=2013-03-01T00:00:00Z'
  const costly = [
    ...[`views/group?${range}&limit=50000`, `views/group?${range}&limit=50000&format=arrow`],
    ...[`views/events?limit=50000`, 'events?limit=1000', 'events/none/deviations'],
    ...['groups', 'jobs?limit=200', 'models', 'anchors', 'validators', 'openapi.json'],
  ]
  const sockets: Socket[] = []

  afterAll(() => sockets.map((socket) => socket.destroy()))

  test('keep neither health nor status nor who has the token waiting', async () => {
    const token = fs.readFileSync(path.join(dir, 'token'), 'utf8').trim()
    const headers = { authorization: `Bearer ${token}` }
    const all = async () => {
      askAll()
      const answers = [
        ...['/livez', '/readyz', '/api/v1/status'].map((route) => fetch(new URL(route, api))),
        fetch(new URL(`/api/v1/views/deviation?${range}&limit=50000`, api), { headers }),
        fetch(new URL('/api/v1/jobs', api), { headers }),
      ]
      return (await Promise.all(answers)).map(({ status }) => status)
    }
    // A machine with other work may be too busy for a store to answer in time, so the storm is
    // repeated: who is asked later is asked in one as well.
    await expect.poll(all, { timeout: 60_000, interval: 0 }).toEqual(Array(5).fill(200))
    // One more stranger, whom the refusals of the others do not concern.
    const another = await fetch(new URL('/api/v1/views', api))
    expect(another.status).toBe(200)
  })

  function askAll(): void {
    for (let index = 0; index < 20; index++) {
      const localAddress = `127.0.0.${10 + index}`
      const socket = connect({ port: Number(api.port), host: '127.0.0.1', localAddress })
      sockets.push(socket.on('error', () => {}).pause())
      for (const route of [...costly, ...costly]) {
        socket.write(`GET /api/v1/${route} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      }
    }
  }
})

describe('once it is stopped', () => {
  test('the folder is still closed, and is closed again where it is opened', async () => {
    await stop()
    expect(listWrong()).toEqual([])
    const all = ['.', ...listAll()]
    for (const entry of all) fs.chmodSync(path.join(dir, entry), 0o777)
    expect(listExposed(dir).sort()).toEqual(all.sort())
    expect(checkPermissions({ dir })).toMatchObject({ state: 'bad' })
    expect(closeToOthers(dir)).toEqual([])
    expect(checkPermissions({ dir })).toMatchObject({ state: 'good' })
  })
})

async function stop(): Promise<void> {
  if (up.exitCode !== null) return
  const ended = new Promise((resolve) => up.once('exit', resolve))
  up.kill('SIGTERM')
  await ended
}

/** All that a transaction, a block or a cheat would change, and what the vault holds. */
async function chainState(): Promise<unknown> {
  const block = await callAnvil<Record<string, string>>(chainUrl, 'eth_getBlockByNumber', [
    ...['latest', false],
  ])
  const contracts = readContracts(config)!
  const codes = await Promise.all(
    Object.values(contracts).map((each) => callAnvil(chainUrl, 'eth_getCode', [each, 'latest'])),
  )
  const balanceOf = `0x70a08231${contracts.IncentiveVault.slice(2).padStart(64, '0')}`
  const call = [{ to: contracts.ProgrammeToken, data: balanceOf }, 'latest']
  const held = BigInt(await callAnvil<string>(chainUrl, 'eth_call', call))
  expect(held).toBeGreaterThan(0n)
  return { number: block.number, stateRoot: block.stateRoot, hash: block.hash, codes, held }
}

type Answer = {
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** With the right password, and other headers than ours where they are given. */
function ask(
  name: 'chain' | 'views',
  asked: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body: string
    /** Appended to the query string. */
    readonly more?: string
  },
): Promise<Answer> {
  const { method = 'POST', headers = {}, body, more = '' } = asked
  const { username, password, pathname, search } = places[name]
  const options = {
    ...{ socketPath: socketOf(places[name])!, method, path: `${pathname || '/'}${search}${more}` },
    auth: `${username}:${password}`,
    headers: { 'content-type': 'application/json', ...headers },
  }
  return new Promise((resolve, reject) => {
    const request = http.request(options, (got) => {
      const { statusCode: status, headers: given } = got
      text(got).then((answer) => resolve({ status, headers: given, body: answer }), reject)
    })
    request.once('error', reject)
    request.end(body)
  })
}

function rpc(method: string, params: readonly unknown[] = []): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
}

function anvilPid(): number {
  return (
    JSON.parse(fs.readFileSync(path.join(dir, 'chain/anvil.json'), 'utf8')) as { pid: number }
  ).pid
}

/** Files and folders; links have no mode of their own, and are not followed. */
function listAll(folder = '.'): string[] {
  const names = fs.existsSync(path.join(dir, folder)) ? fs.readdirSync(path.join(dir, folder)) : []
  return names.flatMap((name) => {
    const entry = path.join(folder, name)
    const found = fs.lstatSync(path.join(dir, entry), { throwIfNoEntry: false })
    if (found === undefined || found.isSymbolicLink()) return []
    return found.isDirectory() ? [entry, ...listAll(entry)] : [entry]
  })
}

/** Entries whose mode is another than 0700 of a folder and 0600 of a file. */
function listWrong(): string[] {
  return ['.', ...listAll()].flatMap((entry) => {
    const found = fs.lstatSync(path.join(dir, entry), { throwIfNoEntry: false })
    const wanted = found?.isDirectory() ? 0o700 : 0o600
    const mode = found && found.mode & 0o777
    return mode === undefined || mode === wanted ? [] : [`${entry} ${mode.toString(8)}`]
  })
}
