#!/usr/bin/env node
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { openBundle } from './bundle.mjs'

// Who could write to the bundle would be obeyed by everybody who starts it.
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
