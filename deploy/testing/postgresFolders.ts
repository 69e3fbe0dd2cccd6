import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { isServerOf } from '../embedded/postgresLeftover.ts'
import type { PostgresOptions } from '../embedded/postgresServer.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './startPostgres.ts'
import { copyWhole, postgresRoot, startTestPostgres, testPassword } from './testPostgres.ts'

/** A stopped installation to copy, and the template that was made with it where that is asked. */
const made = { dir: '', template: '' }
/** Options for the test that runs. */
let options: PostgresOptions
let running: EmbeddedPostgres[]

/**
 * Gives each test a folder of its own, and stops what it has started. Call it once in a
 * test file. A template needs the disk for as long as the server runs.
 */
export function usePostgresFolders({ withTemplate }: { readonly withTemplate: boolean }): void {
  beforeAll(async () => {
    made.dir = path.join(postgresRoot(), 'postgres')
    made.template = path.join(path.dirname(made.dir), 'template')
    await startTestPostgres(made.dir, withTemplate ? made.template : null)
    if (!withTemplate) return
    await vi.waitFor(() => expect(existsSync(made.template)).toBe(true), 20_000)
  })
  afterAll(() => rmSync(path.dirname(made.dir), { recursive: true, force: true }))

  beforeEach(async () => {
    const dir = path.join(postgresRoot(), 'postgres')
    options = { dir, password: testPassword, template: null }
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()))
    rmSync(path.dirname(options.dir), { recursive: true, force: true })
  })
}

/** Options for a server of this test, in an empty folder. */
export function ownOptions(): PostgresOptions {
  return options
}

/** The same with a copy of the installation, in the test's folder or another one. */
export function copiedOptions(dir = options.dir): PostgresOptions {
  copyWhole(made.dir, dir)
  return { ...options, dir }
}

export function madeTemplate(): string {
  return made.template
}

/** Starts it until the end of the test. */
export async function start(given: PostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(given)
  running.push(server)
  return server
}

/** Whether this is the server of the test's folder, and not another program with its pid. */
export function isServing(pid: number): boolean {
  return isServerOf(pid, path.join(options.dir, 'data'))
}
