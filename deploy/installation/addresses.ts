import { existsSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import * as z from 'zod'
import type { ChainIdentity } from '../../schemas/ports/chain.ts'
import { chainUrl, clickhouseUrl, postgresUrl } from '../sockets/enginePlaces.ts'
import type { Config } from './config.ts'
import { readOwnJson } from './readOwnJson.ts'
import { openSecrets, readChainPassword } from './secrets.ts'
import { writeWhole } from './writeWhole.ts'

const contractsFile = 'contracts.json'

type Contracts = ChainIdentity['contracts']

const address = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{40}$/)])
const contractsShape: z.ZodType<Contracts> = z.object({
  ProgrammeToken: address,
  BaselineCommitment: address,
  ValidatorRegistry: address,
  SettlementAnchor: address,
  IncentiveVault: address,
  SettlementNotifier: address,
  SettlementLedger: address,
})

/** Where the views of this installation are: VIEWS_URL, or the embedded server. */
export function viewsUrlOf(config: Config): string {
  return (
    config.viewsUrl ??
    clickhouseUrl(engineDir(config, 'clickhouse'), openSecrets(config).viewsPassword)
  )
}

export function jobsUrlOf(config: Config): string {
  return (
    config.jobsUrl ?? postgresUrl(engineDir(config, 'postgres'), openSecrets(config).jobsPassword)
  )
}

export function chainUrlOf(config: Config): string {
  return config.chainUrl ?? embeddedChainUrl(config)
}

/** The guard of the folder's own chain, with its password. */
function embeddedChainUrl(config: Pick<Config, 'dir'>): string {
  return chainUrl(engineDir(config, 'chain'), readChainPassword(config) ?? '')
}

/** The folder of an embedded engine. */
export function engineDir(config: Pick<Config, 'dir'>, engine: EngineName): string {
  return path.join(config.dir, engine)
}
type EngineName = 'clickhouse' | 'postgres' | 'chain'

/** The addresses of our contracts as deployed from this folder, for users who trust it. */
export function keepContracts(config: Config, contracts: Contracts): void {
  writeWhole(path.join(config.dir, contractsFile), `${JSON.stringify(contracts, null, 2)}\n`)
}

/** Null if nothing has been deployed from this folder. */
export function readContracts(config: Config): Contracts | null {
  const target = path.join(config.dir, contractsFile)
  return existsSync(target) ? readOwnJson(target, contractsShape) : null
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

/** Whether the port is free. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
