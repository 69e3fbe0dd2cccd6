import fs from 'node:fs'
import path from 'node:path'
import { type Check, projectRoot } from './source.ts'

/** Every folder has a README that explains it in thirty seconds. */
export const readmes: Check = (sources) =>
  [...new Set(sources.map((each) => each.folder))]
    .filter((each) => !fs.existsSync(path.join(projectRoot, each, 'README.md')))
    .map((each) => `${each}:1: error: has no README.md`)
