import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { projectRoot } from '../process/runtime.ts'

/**
 * Runs the tests in Solidity.
 *
 * @returns how many passed.
 * @throws with forge's own words when one did not.
 */
export function forgeTests(env?: NodeJS.ProcessEnv): number {
  const output = runForge(['test', '--color', 'never'], env)
  const [line, passed] = /^Ran .*: (\d+) tests passed, 0 failed, 0 skipped.*$/m.exec(output) ?? []
  console.info(`Solidity: ${line}`)
  return Number(passed)
}

/** What forge printed; on failure its own words are the message. */
export function runForge(args: readonly string[], env?: NodeJS.ProcessEnv): string {
  const script = path.join(projectRoot, 'contracts/script/forge.mjs')
  try {
    return execFileSync('node', [script, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
      ...(env ? { env } : {}),
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`forge ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
  }
}
