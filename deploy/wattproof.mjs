#!/usr/bin/env node
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openBundle } from './bundle.mjs'

// npm is silent in this folder (`.npmrc`), so a failed installation shows here first.
if (!existsSync(fileURLToPath(new URL('../node_modules/esbuild', import.meta.url)))) {
  process.stderr.write(
    'wattproof: The packages are not installed. `npm install --loglevel=error` installs them, or ' +
      'says why not.\n',
  )
  process.exit(1)
}

// Write access to the bundle would be code execution as every user who starts it.
process.umask(process.umask() | 0o022)
// One bundle of all sources starts in a tenth of the time of loading them one by one.
const bundle = await openBundle()
if (bundle) {
  process.setSourceMapsEnabled(true)
  await import(pathToFileURL(path.join(bundle, 'deploy/cli.mjs')).href)
} else {
  // The sources are TypeScript. Newer Node runs them directly; older Node needs tsx.
  if (!process.features.typescript) (await import('tsx/esm/api')).register()
  await import('./cli.ts')
}
