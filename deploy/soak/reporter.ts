import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node'
import { projectRoot } from '../process/runtime.ts'
import { listSoakFiles } from './files.ts'
import { lineOf, sumOf } from './line.ts'

const reasonCharactersMax = 10_000

/**
 * Gives a soak its seed, prints the sum at its end, and adds it to docs/soak.md. The seed is new
 * each time, unless `--sequence.seed=N` repeats that of another soak.
 */
export default class SoakReporter implements Reporter {
  private seed = 0
  private readonly startedMs = Date.now()

  onInit(vitest: Vitest): void {
    // fast-check takes 32 bits.
    this.seed = (vitest.config.sequence.seed ?? Date.now()) | 0
    vitest.provide('soakSeed', this.seed)
    process.stdout.write(`soak: seed ${this.seed}\n`)
  }

  /** At once: a soak that is ended by hand tells what had failed until then. */
  onTestCaseResult(test: TestCase): void {
    const { module, fullName } = test
    const { state, errors = [] } = test.result()
    if (state !== 'failed') return
    // With what a property failed for: a soak that is cut has no other place for it.
    const [error] = errors
    const reasons = [error?.message, error?.cause?.message, error?.cause?.diff]
    const reason = reasons.filter(Boolean).join('\n').slice(0, reasonCharactersMax)
    process.stdout.write(`\nfailed: ${module.relativeModuleId} > ${fullName}: ${reason}\n`)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => {
      const each = [...module.children.allTests()].map((test) => ({
        name: test.fullName,
        state: test.result().state,
      }))
      return module.state() === 'failed' && each.every(({ state }) => state !== 'failed')
        ? [...each, { name: module.relativeModuleId, state: 'failed' as const }]
        : each
    })
    for (const { message } of unhandled) tests.push({ name: message, state: 'failed' })

    const line = lineOf({
      startedMs: this.startedMs,
      endedMs: Date.now(),
      commit: commit(),
      seed: this.seed,
      files: modules.map((each) => each.relativeModuleId),
      filesAll: Object.values(listSoakFiles()).flat().length,
      machine: machine(),
      tests,
    })
    fs.appendFileSync(path.join(projectRoot, 'docs/soak.md'), `${line}\n`)
    process.stdout.write(`${sumOf(tests)}\n`)
  }
}

function machine(): string {
  const model = os.cpus()[0]?.model.trim() ?? os.arch()
  return `${os.availableParallelism()} × ${model}, Node ${process.version}`
}

/** What was run; `-dirty` says that files differed from it, other than the one that this writes. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8' }).trim()
  const isDirty = git('status', '--porcelain', '--', '.', ':!docs/soak.md') !== ''
  return git('rev-parse', '--short', 'HEAD') + (isDirty ? '-dirty' : '')
}
