import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'

/** Without what npm passes on to its scripts: that of the `npm test` which runs this one. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
)
const unreachable = '--url http://127.0.0.1:1'

test('through npm run, --json is one document when the command succeeds', async () => {
  const { code, stdout } = await type('npm run wattproof -- config print --json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toHaveProperty('WATTPROOF_DIR')
}, 120_000)

test.each([
  [1, `npm run wattproof -- status --json ${unreachable}`, 'urn:wattproof:problem:not-now'],
  [1, `npx wattproof status --json ${unreachable}`, 'urn:wattproof:problem:not-now'],
  [2, 'npm run demo -- --json --parity 7', 'urn:wattproof:problem:wrong-use'],
])(
  'and when it fails with %i: %s',
  async (wanted, line, problem) => {
    const { code, stdout } = await type(line)
    expect(code).toBe(wanted)
    expect(JSON.parse(stdout)).toHaveProperty('type', problem)
  },
  120_000,
)

test('a file that a failed command writes to stays empty', async () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wattproof-npm-')), 'bundle.json')
  const command = `npx wattproof bundle my-event MAC000005 ${unreachable} > ${file}`
  const { code, stderr } = await type(command)
  expect(code).toBe(1)
  expect(readFileSync(file, 'utf8')).toBe('')
  expect(stderr).toMatch(/^wattproof: Nobody answers at .*\n$/)
}, 120_000)

test('npm says nothing itself; the next command says how to learn why', async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'wattproof-npm-'))
  for (const each of ['.npmrc', 'package.json', 'deploy/wattproof.mjs', 'deploy/bundle.mjs']) {
    mkdirSync(path.dirname(path.join(root, each)), { recursive: true })
    cpSync(path.join(projectRoot, each), path.join(root, each))
  }
  const { code, stdout, stderr } = await type('npm run demo -- --json', root)
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/not installed.*npm install --loglevel=error/)
  // The packages cannot be had: the registry is not there.
  const registry = '--registry=http://127.0.0.1:1 --fetch-retries=0 --prefer-online'
  const install = `npm install ${registry} --cache=${root}/cache`
  expect(await type(install, root)).toMatchObject({ stdout: '', stderr: '' })
  const loud = await type(`${install} --loglevel=error`, root)
  expect(loud.code).not.toBe(0)
  expect(loud.stderr).toContain('ECONNREFUSED')
}, 120_000)

function type(
  line: string,
  cwd: string = projectRoot,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd, env: environment }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr })
    })
  })
}
