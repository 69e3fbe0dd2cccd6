#!/usr/bin/env node
/**
 * npm's solc-js with the part of the native compiler's command line that forge uses:
 * `--version`, and `--standard-json` with the input on standard input.
 */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)

if (process.argv.includes('--version')) {
  // Read from the manifest: loading nine megabytes of WebAssembly takes a second.
  const { version } = require('solc/package.json')
  process.stdout.write(`solc, the solidity compiler\nVersion: ${version}+commit.00000000.npm\n`)
} else {
  const output = require('solc').compile(fs.readFileSync(0, 'utf8'), { import: readImport })
  // No process.exit after this: it would cut a pipe at 64 KiB.
  process.stdout.write(output)
}

function readImport(name) {
  const base = valueAfter('--base-path') ?? process.cwd()
  try {
    return { contents: fs.readFileSync(path.resolve(base, name), 'utf8') }
  } catch (error) {
    return { error: String(error) }
  }
}

function valueAfter(flag) {
  const at = process.argv.indexOf(flag)
  return at < 0 ? undefined : process.argv[at + 1]
}
