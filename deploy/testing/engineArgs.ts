import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleCache, projectRoot, typeScriptArgs } from '../process/runtime.ts'

type Project = { readonly programs: readonly string[]; readonly cache: string }
type Bundler = {
  readonly wattproof: Project
  readonly openBundle: (project?: Project) => Promise<string | null>
}

/** What only tests start, and what that starts or imports by path. */
const testPrograms = [
  path.join(import.meta.dirname, '../engines/jobs/handlerMain.ts'),
  path.join(import.meta.dirname, 'jobs/bullmqJobsWorker.ts'),
  path.join(import.meta.dirname, 'disturbedApi.ts'),
  path.join(import.meta.dirname, 'healthApi.ts'),
  path.join(import.meta.dirname, 'log/lmdbLogOpener.ts'),
  path.join(import.meta.dirname, 'log/lmdbLogWriter.ts'),
  path.join(import.meta.dirname, 'recompute/recomputer.ts'),
  path.join(import.meta.dirname, '../bench/senders/readingsServer.ts'),
  path.join(import.meta.dirname, '../bench/senders/senderMain.ts'),
  path.join(import.meta.dirname, 'speedLayer.ts'),
  path.join(import.meta.dirname, 'sharingLayer.ts'),
  path.join(import.meta.dirname, '../../schemas/conformance/jobsHandler.ts'),
].map((each) => path.relative(projectRoot, each))

let ofUsers: Promise<string | null> | undefined
let ofTests: Promise<string | null> | undefined
const benches = 'deploy/bench/main.ts'

/**
 * Node arguments for an engine's entry point, as users start it: from the bundle, in half the time
 * of loading its sources one by one.
 */
export async function engineArgs(source: string): Promise<readonly string[]> {
  return argsIn(await usersBundle(), source)
}

/** Its folder, which another state of the sources does not have; null where none can be made. */
export function usersBundle(): Promise<string | null> {
  ofUsers ??= loadBundler().then(({ openBundle }) => openBundle())
  return ofUsers
}

/** The same for a program of tests, from a bundle of its own: two seconds of CPU less each. */
export async function testProgramArgs(source: string): Promise<readonly string[]> {
  if (!testPrograms.includes(source)) throw new Error(`${source} is not bundled for tests.`)
  ofTests ??= loadBundler().then(({ openBundle, wattproof }) => {
    return openBundle({ ...wattproof, programs: testPrograms, cache: 'wattproof-tests' })
  })
  return argsIn(await ofTests, source)
}

/** The same of the benches; null in their bundle, and where none can be made. */
export async function benchArgs(): Promise<readonly string[] | null> {
  if (bundleCache) return null
  const { openBundle, wattproof } = await loadBundler()
  const own = { ...wattproof, programs: [benches], cache: 'wattproof-benches' }
  const bundle = await openBundle(own)
  return bundle === null ? null : argsIn(bundle, benches)
}

function argsIn(bundle: string | null, source: string): readonly string[] {
  if (!bundle) return [...typeScriptArgs, path.join(projectRoot, source)]
  return ['--enable-source-maps', path.join(bundle, source.replace(/\.ts$/, '.mjs'))]
}

function loadBundler(): Promise<Bundler> {
  // That of the project, also in a bundle.
  return import(pathToFileURL(path.join(projectRoot, 'deploy/bundle.mjs')).href)
}
