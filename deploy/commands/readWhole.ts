import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { FileRead } from '../../speed/ingest/body/readFile.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import { enrolledZonesOf, type ZonesOfMeters } from './enrolledZones.ts'
import { partBytes, readParts } from './fileParts.ts'
import { openLocalFile, sizeOfLocalFile } from './localFiles.ts'
import { profileFor } from './profileFor.ts'
import type { Input } from './spoolInput.ts'

export type InputFile = Pick<Input, 'name' | 'path'>

export type Reading = { readonly profile: Profile; readonly zones: ZonesOfMeters }

/** By path, why a file cannot be read to its end. */
export type Unreadable = ReadonlyMap<string, InvalidArgumentError>

/**
 * What cannot be read to its end, found before anything is sent: a file that is refused in a later
 * part is not stored in its first ones.
 */
export async function findUnreadable(
  inputs: readonly InputFile[],
  reading: Reading,
): Promise<Unreadable> {
  const unreadable = new Map<string, InvalidArgumentError>()
  for (const input of inputs) {
    if (isOnePart(input)) continue
    const fault = await readWhole(input, reading, async () => {})
    if (fault) unreadable.set(input.path, fault)
  }
  return unreadable
}

/** Reads a file part by part, to its end or to where it is refused. */
export async function readWhole(
  { name, path }: InputFile,
  { profile, zones }: Reading,
  take: (part: FileRead) => Promise<void>,
): Promise<InvalidArgumentError | null> {
  const file = openLocalFile(path)
  const asked = () => enrolledZonesOf(zones)
  const options = { profile: profileFor(name, profile), nowMs: Date.now(), zones: asked }
  const parts = readParts({ ...file, name }, options)
  try {
    for (;;) {
      const next = await parts.next().catch(refusalOf)
      if (next instanceof InvalidArgumentError) return next
      if (next.done) return null
      await take(next.value)
    }
  } finally {
    file.close()
  }
}

function refusalOf(error: unknown): InvalidArgumentError {
  if (error instanceof InvalidArgumentError) return error
  throw error
}

/** Such a file is read as a whole before it is sent, or not at all. */
function isOnePart({ path }: InputFile): boolean {
  const size = /\.gz$/i.test(path) ? null : sizeOfLocalFile(path)
  return size !== null && size <= partBytes
}
