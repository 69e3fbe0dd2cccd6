import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { invariant } from '../../schemas/errors/wattproofError.ts'

export type Asset = { readonly contentType: string; readonly body: Buffer }

const folder = import.meta.dirname

/**
 * Bundles the pages for the browser: there is no build step to forget.
 *
 * The proof check in the page is `serving/settlement/bundle/verifyBundle.ts` itself, the code that
 * the command line and the tests run.
 */
export async function bundlePages(): Promise<ReadonlyMap<string, Asset>> {
  const result = await withEsbuild(({ build }) =>
    build({
      entryPoints: [
        path.join(import.meta.dirname, 'main.tsx'),
        path.join(import.meta.dirname, 'styles/pages.css'),
      ],
      bundle: true,
      format: 'esm',
      splitting: true,
      outdir: '/',
      entryNames: 'pages',
      chunkNames: 'chunk-[hash]',
      minify: true,
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      write: false,
      logLevel: 'silent',
      legalComments: 'none',
    }),
  )
  const assets = new Map<string, Asset>()
  for (const { path: name, contents } of result.outputFiles) {
    const type = name.endsWith('.css') ? 'css' : 'javascript'
    assets.set(name, { contentType: `text/${type}; charset=utf-8`, body: Buffer.from(contents) })
  }
  for (const name of ['/pages.js', '/pages.css']) {
    invariant(assets.has(name), `The bundle of the pages has no ${name}.`)
  }
  assets.set('/icon.svg', {
    contentType: 'image/svg+xml',
    body: await readFile(path.join(folder, 'icon.svg')),
  })
  assets.set('/', {
    contentType: 'text/html; charset=utf-8',
    body: await readFile(path.join(folder, 'index.html')),
  })
  return assets
}

/** Builds under way in this process, which share one process of esbuild. */
let building = 0

/**
 * Stops esbuild's process, which would otherwise run for as long as this one, with 50 MB. The
 * bundler of the programs (`deploy/bundle.mjs`) has the same function: a layer may not import
 * `deploy`, and the bundler runs before TypeScript can be loaded. No process builds both.
 */
async function withEsbuild<T>(work: (esbuild: typeof import('esbuild')) => Promise<T>): Promise<T> {
  // Loaded late: most starts have the pages already.
  const esbuild = await import('esbuild')
  building++
  try {
    return await work(esbuild)
  } finally {
    building--
    if (building === 0) await esbuild.stop()
  }
}
