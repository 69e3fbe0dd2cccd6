import { InvalidArgumentError } from './wattproofError.ts'

/** A file or folder of this machine that cannot be used as it was named: exit code 2. */
class LocalFileError extends InvalidArgumentError {
  override readonly kind = 'wrong-use'

  constructor(at: { readonly file: string; readonly sentence: string }, cause: unknown) {
    super(at.sentence, { file: at.file }, cause)
  }
}

/** Unpacked size of a file that is read whole: a few kB may unpack to more than the memory. */
export const localFileBytesMax = 256 * 2 ** 20

const tooLarge = (file: string) =>
  `${file} is too large to be read whole: at most ${localFileBytesMax / 2 ** 20} MiB, unpacked.`

/** By the code of the operating system, Node or zlib: what is wrong with a file. */
const sentences: Readonly<Record<string, (file: string) => string>> = {
  ENOENT: (file) => `There is no file ${file}.`,
  ENOTDIR: (file) => `There is no ${file}: part of that path is a file, not a folder.`,
  EISDIR: (file) => `${file} is a folder, not a file.`,
  EEXIST: (file) => `${file} is a file, not a folder.`,
  EACCES: (file) => `${file} cannot be opened: you have no permission.`,
  EPERM: (file) => `${file} cannot be opened: you have no permission.`,
  EROFS: (file) => `${file} cannot be written: its disk is read-only.`,
  ENOSPC: (file) => `${file} cannot be written: the disk is full.`,
  ENAMETOOLONG: (file) => `${file} cannot be opened: its name is too long.`,
  ERR_BUFFER_TOO_LARGE: tooLarge,
  ERR_FS_FILE_TOO_LARGE: tooLarge,
  Z_BUF_ERROR: (file) => `${file} ends in the middle of its gzip data; copy it again.`,
  Z_DATA_ERROR: (file) => `${file} is not a gzip file, or is damaged.`,
}

/** A folder named where a file is wanted. */
export function isFolderError(file: string): InvalidArgumentError {
  const name = file === '-' ? 'Standard input' : file
  return new LocalFileError({ file, sentence: `${name} is a folder, not a file.` }, null)
}

export function isTooLargeError(file: string): InvalidArgumentError {
  return new LocalFileError({ file, sentence: tooLarge(file) }, null)
}

/**
 * What the operating system or zlib threw about a file, as a refusal with a sentence; anything
 * else is returned as it is.
 *
 * @param file its name as it was given; the error's own path by default.
 */
export function localFileError(error: unknown, file?: string): unknown {
  if (!(error instanceof Error) || error instanceof InvalidArgumentError) return error
  const { code, path } = error as NodeJS.ErrnoException
  const name = file ?? path
  if (code === undefined || name === undefined) return error
  if (code === 'Z_DATA_ERROR' && error.message === 'incorrect header check') {
    return new LocalFileError(
      {
        file: name,
        sentence: `${name} is not a gzip file. If it is not packed, name it without .gz.`,
      },
      error,
    )
  }
  const sentence = sentences[code]?.(name === '-' ? 'Standard input' : name)
  return sentence === undefined ? error : new LocalFileError({ file: name, sentence }, error)
}
