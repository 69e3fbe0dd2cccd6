#!/usr/bin/env node
/**
 * npm's solc-js with the part of the native compiler's command line that forge uses:
 * `--version`, and `--standard-json` with the input on standard input.
 *
 * The tests' own code is not optimised, which takes two thirds of the time. They deploy what is
 * under test from its own build (`dynamic_test_linking` in foundry.toml), which is optimised:
 * a figure of gas.json would be far off otherwise.
 */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)
const unoptimised = { enabled: false }

if (process.argv.includes('--version')) {
  // Read from the manifest: loading nine megabytes of WebAssembly takes a second.
  const { version } = require('solc/package.json')
  process.stdout.write(`solc, the solidity compiler\nVersion: ${version}+commit.00000000.npm\n`)
} else {
  const output = compileAll(JSON.parse(fs.readFileSync(0, 'utf8')))
  // No process.exit after this: it would cut a pipe at 64 KiB.
  process.stdout.write(JSON.stringify(output))
}

/** All sources in each of two runs, so that both number them alike. */
function compileAll(input) {
  const files = Object.entries(input.settings.outputSelection)
  const isTest = ([file]) => file.startsWith('contracts/test/')
  const [tests, others] = [files.filter(isTest), files.filter((each) => !isTest(each))]
  const results = [
    compile(input, { outputSelection: Object.fromEntries(others) }),
    ...(tests.length > 0
      ? [compile(input, { outputSelection: Object.fromEntries(tests), optimizer: unoptimised })]
      : []),
  ]
  const errors = results.flatMap((each) => each.errors ?? [])
  const contracts = results.map((each) => each.contracts ?? {})
  const sources = results.map((each) => each.sources ?? {})
  return {
    errors: [...new Map(errors.map((each) => [each.formattedMessage, each])).values()],
    sources: Object.assign({}, ...sources),
    contracts: Object.assign({}, ...contracts),
  }
}

function compile(input, settings) {
  const given = { ...input, settings: { ...input.settings, ...settings } }
  return JSON.parse(require('solc').compile(JSON.stringify(given), { import: readImport }))
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
