import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import type { ChainIdentity } from '../../schemas/ports/chain.ts'
import type { Config } from './config.ts'
import { openSecrets, readChainPassword } from './secrets.ts'
import { writeWhole } from './writeWhole.ts'

/** Ports of the embedded engines, kept in `DIR/engines.json` so that a restart reuses them. */
export type EnginePorts = {
  readonly clickhouse: number
  readonly postgres: number
  readonly chain: number
}

const file = 'engines.json'
const contractsFile = 'contracts.json'

type Contracts = ChainIdentity['contracts']

/**
 * The ports this folder uses; free ones are chosen at the first start, and again only when another
 * program has taken one since.
 */
export async function chooseEnginePorts(config: Config): Promise<EnginePorts> {
  mkdirSync(config.dir, { recursive: true, mode: 0o700 })
  const known = readEnginePorts(config)
  if (known && (await Promise.all(Object.values(known).map((port) => isFree(port)))).every(Boolean))
    return known
  const [clickhouse, postgres, chain] = await freePorts(3)
  const ports = { clickhouse: clickhouse!, postgres: postgres!, chain: chain! }
  writeWhole(path.join(config.dir, file), JSON.stringify(ports))
  return ports
}

export function readEnginePorts(config: Pick<Config, 'dir'>): EnginePorts | null {
  const target = path.join(config.dir, file)
  return existsSync(target) ? (JSON.parse(readFileSync(target, 'utf8')) as EnginePorts) : null
}

const viewsUser = 'wattproof'

/** Where the views of this installation are: VIEWS_URL, or the embedded server. */
export function viewsUrlOf(config: Config, ports = readEnginePorts(config)): string {
  if (config.viewsUrl) return config.viewsUrl
  const { enginePassword } = openSecrets(config)
  return `http://${viewsUser}:${enginePassword}@127.0.0.1:${ports?.clickhouse}/?database=wattproof`
}

export function jobsUrlOf(config: Config, ports = readEnginePorts(config)): string {
  if (config.jobsUrl) return config.jobsUrl
  const { enginePassword } = openSecrets(config)
  return `postgres://postgres:${enginePassword}@127.0.0.1:${ports?.postgres}/postgres`
}

export function chainUrlOf(config: Config, ports = readEnginePorts(config)): string {
  return config.chainUrl ?? embeddedChainUrl(config, ports)
}

/** The guard of the folder's own chain, with its password. */
export function embeddedChainUrl(
  config: Pick<Config, 'dir'>,
  ports: Pick<EnginePorts, 'chain'> | null,
): string {
  return `http://wattproof:${readChainPassword(config) ?? ''}@127.0.0.1:${ports?.chain}`
}

/** The addresses of our contracts as deployed from this folder, for users who trust it. */
export function keepContracts(config: Config, contracts: Contracts): void {
  writeWhole(path.join(config.dir, contractsFile), `${JSON.stringify(contracts, null, 2)}\n`)
}

/** Null if nothing has been deployed from this folder. */
export function readContracts(config: Config): Contracts | null {
  const target = path.join(config.dir, contractsFile)
  return existsSync(target) ? (JSON.parse(readFileSync(target, 'utf8')) as Contracts) : null
}

/** Distinct free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** True if nobody listens on the port. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
