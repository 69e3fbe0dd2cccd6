#!/usr/bin/env node
/**
 * Runs npm's forge on contracts/ with npm's compiler, offline:
 * `node contracts/script/forge.mjs test`, `… build`, `… test --match-contract Vault`.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const systems = { linux: 'linux', darwin: 'darwin', win32: 'win32' }
const processors = { x64: 'amd64', arm64: 'arm64' }

/** The platform package's own binary; npm's `.bin/forge` is a wrapper that outlives a kill. */
export function forgeBinary() {
  const name = `forge-${systems[process.platform]}-${processors[process.arch]}`
  const manifest = createRequire(import.meta.url).resolve(`@foundry-rs/${name}/package.json`)
  const file = process.platform === 'win32' ? 'forge.exe' : 'forge'
  return path.join(path.dirname(manifest), 'bin', file)
}

/**
 * Working directory and environment of forge. The configuration is in the environment: with
 * `--config-path` this version finds nothing to compile.
 */
export function forgeOptions() {
  return { cwd: root, env: { ...process.env, FOUNDRY_CONFIG: 'contracts/foundry.toml' } }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const child = spawn(forgeBinary(), process.argv.slice(2), {
    ...forgeOptions(),
    stdio: 'inherit',
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1)
  })
}
