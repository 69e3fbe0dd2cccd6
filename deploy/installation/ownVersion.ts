import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { readOwnJson } from './readOwnJson.ts'

const packageFile = fileURLToPath(new URL('../../package.json', import.meta.url))

/** The version that runs, of our own package.json. @throws FileDamagedError */
export function ownVersion(): string {
  return readOwnJson(packageFile, z.object({ version: z.string() })).version
}
