import { readFileSync } from 'node:fs'
import type * as z from 'zod'
import { FileDamagedError } from '../../schemas/errors/installation.ts'

/**
 * What a file of the installation holds, checked: it may be cut, or changed by somebody else.
 *
 * @throws FileDamagedError for what has another shape, an error of Node where there is no file.
 */
export function readOwnJson<T>(file: string, shape: z.ZodType<T>): T {
  const text = readFileSync(file, 'utf8')
  try {
    return shape.parse(JSON.parse(text))
  } catch (error) {
    throw new FileDamagedError({ file }, error)
  }
}
