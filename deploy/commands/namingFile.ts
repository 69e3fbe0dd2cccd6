import { UnreadableFileError } from '../../schemas/errors/table.ts'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'

/** A sentence about a file says which; one of the operating system does so already. */
export function namingFile(error: unknown, file: string): unknown {
  const isOfFile = error instanceof InvalidArgumentError && error.kind === 'unreadable'
  return isOfFile ? new UnreadableFileError({ file }, error) : error
}
