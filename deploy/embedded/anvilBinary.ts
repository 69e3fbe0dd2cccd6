import { createRequire } from 'node:module'
import path from 'node:path'
import { EngineNotInstalledError } from '../../schemas/errors/installation.ts'

/** npm's names of operating systems and processors as the platform packages spell them. */
const systems: Readonly<Record<string, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'win32',
}
const processors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * The anvil of this machine: the platform package's own binary.
 *
 * npm's `.bin/anvil` is a Node wrapper that survives the death of its parent and keeps the port.
 *
 * @throws EngineNotInstalledError if no anvil is installed for this system.
 */
export function anvilBinary(): string {
  const name = `anvil-${systems[process.platform]}-${processors[process.arch]}`
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    const manifest = createRequire(import.meta.url).resolve(`@foundry-rs/${name}/package.json`)
    return path.join(path.dirname(manifest), 'bin', file)
  } catch (error) {
    const { platform, arch } = process
    const instead = 'CHAIN_URL to a chain of your own'
    throw new EngineNotInstalledError({ engine: 'anvil', platform, arch, instead }, error)
  }
}
