import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { projectRoot, typeScriptArgs } from '../process/runtime.ts'

/** Starts Node on the sources of the project, in a process of its own that a test may kill. */
export function spawnTypeScript(args: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn(process.execPath, [...typeScriptArgs, ...args], { cwd: projectRoot, stdio })
}
