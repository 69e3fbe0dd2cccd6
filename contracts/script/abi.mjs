#!/usr/bin/env node
/**
 * Writes contracts/abi/NAME.ts from forge's build; with --check it only reports differences.
 * The output is committed, so that nobody needs a compiler to run Wattproof.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { forgeBinary, forgeOptions, root } from './forge.mjs'

const contractNames = [
  'ProgrammeToken',
  'BaselineCommitment',
  'ValidatorRegistry',
  'SettlementAnchor',
  'IncentiveVault',
  'SettlementNotifier',
  'SettlementLedger',
]

/** The tests' build too: what forge.test.ts has compiled is not compiled again. */
const out = 'contracts/out'

/** The committed files as the build makes them: path and text. */
export function expectedFiles() {
  const { cwd, env } = forgeOptions()
  const build = spawnSync(forgeBinary(), ['build', 'contracts/src'], {
    cwd,
    env,
    encoding: 'utf8',
  })
  if (build.status !== 0) {
    process.stderr.write(`forge build failed:\n${build.stdout}${build.stderr}`)
    process.exit(1)
  }
  return contractNames.map(describeContract)
}

function describeContract(name) {
  const built = path.join(root, `${out}/${name}.sol/${name}.json`)
  const { abi, bytecode } = JSON.parse(fs.readFileSync(built, 'utf8'))
  const camelName = name[0].toLowerCase() + name.slice(1)
  const entries = abi
    .map((entry) => `    ${JSON.stringify(entry, withoutInternalType)},\n`)
    .join('')
  const text =
    '// Written by contracts/script/abi.mjs; do not edit.\n' +
    `export const ${camelName} = {\n  abi: [\n${entries}  ],\n  bytecode:\n` +
    `    '${bytecode.object}',\n} as const\n`
  return { file: path.join(root, `contracts/abi/${name}.ts`), text }
}

/** Callers do not need the compiler's internal type names. */
function withoutInternalType(key, value) {
  return key === 'internalType' ? undefined : value
}

function isCommitted({ file, text }) {
  return fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const changed = expectedFiles().filter((each) => !isCommitted(each))
  for (const { file, text } of changed) {
    process.stdout.write(`${path.relative(root, file)}\n`)
    if (!process.argv.includes('--check')) fs.writeFileSync(file, text)
  }
  process.exitCode = changed.length > 0 && process.argv.includes('--check') ? 1 : 0
}
