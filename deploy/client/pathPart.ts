import { PathPartError } from '../../schemas/errors/commandLine.ts'

/**
 * An id as one part of a path, so that none leads to another route.
 *
 * @throws PathPartError for what a URL drops even if it is encoded: nothing, and dots.
 */
export function pathPart(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new PathPartError({ id })
  return encodeURIComponent(id)
}
