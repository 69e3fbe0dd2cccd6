import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'
import { invariant } from '../../schemas/errors/wattproofError.ts'

export type Asset = { readonly contentType: string; readonly body: Buffer }

const folder = import.meta.dirname
const require = createRequire(import.meta.url)

/**
 * The pages as a browser takes them, made when the door opens: there is no build step to forget.
 *
 * The proof check in the page is `serving/claims/verifyBundle.ts` itself, the code the command line
 * and the tests run.
 */
export async function bundleDashboard(): Promise<ReadonlyMap<string, Asset>> {
  const result = await build({
    entryPoints: [path.join(folder, 'main.tsx')],
    bundle: true,
    format: 'esm',
    splitting: true,
    outdir: '/',
    entryNames: 'dashboard',
    chunkNames: 'chunk-[hash]',
    minify: true,
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    logLevel: 'silent',
    legalComments: 'none',
  })
  const chart = await readFile(require.resolve('uplot/dist/uPlot.min.css'))
  const style = await readFile(path.join(folder, 'style.css'))
  const assets = new Map<string, Asset>()
  for (const { path: name, contents } of result.outputFiles) {
    assets.set(name, { contentType: 'text/javascript; charset=utf-8', body: Buffer.from(contents) })
  }
  invariant(assets.has('/dashboard.js'), 'The bundle of the pages has no entry.')
  assets.set('/dashboard.css', {
    contentType: 'text/css; charset=utf-8',
    body: Buffer.concat([chart, style]),
  })
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
