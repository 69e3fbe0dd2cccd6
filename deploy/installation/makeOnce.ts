import { readFileSync } from 'node:fs'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { bundleCache } from '../process/runtime.ts'
import { writeWhole } from './writeWhole.ts'

/**
 * What `make` returns, made by the first start of a bundle and read by all later ones.
 *
 * It must follow from the sources alone, as it serves every folder, and may hold what
 * `structuredClone` can copy. Without a place to keep it, it is made each time, and it is made anew
 * where what was kept is not `isWhole`.
 */
export async function makeOnce<T>(
  name: string,
  { make, isWhole }: { make: () => Promise<T>; isWhole: (kept: unknown) => kept is T },
  folder = bundleCache,
): Promise<T> {
  if (folder === null) return make()
  const file = path.join(folder, name)
  try {
    const kept: unknown = deserialize(readFileSync(file))
    if (isWhole(kept)) return kept
  } catch {
    // Not made yet, or not readable: it is made.
  }
  const made = await make()
  try {
    // Other users of the same checkout start from it too.
    writeWhole(file, serialize(made), 0o644)
  } catch {
    // The packages may belong to another user.
  }
  return made
}
