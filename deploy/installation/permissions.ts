import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { SharedFolderError } from '../../schemas/errors/installation.ts'
import { ownerOnlyMask } from '../process/runtime.ts'
import { findUser } from '../process/users.ts'

/** What an installation keeps in its folder; the user may have put other things there. */
const ownEntries = new RegExp(
  `^(${[
    ...['secret', 'origin', '(validator-)?token', 'chain-password', 'transactions-.*\\.jsonl'],
    ...['(engines|contracts|processes|summary)\\.json', 'supervisor', 'clock'],
    ...['chain', 'clickhouse', 'postgres', 'log', 'models', 'bundles', 'published', 'notices'],
  ].join('|')})(\\.\\d+\\.new)?$`,
)

/**
 * The folder, and what of the installation in it, that other users may read, write or enter;
 * relative to the folder, which is `.` itself.
 */
export function listExposed(dir: string): string[] {
  return listOwn(dir).filter((entry) => isExposed(path.join(dir, entry)))
}

function listOwn(dir: string): string[] {
  const own = readdirSync(dir).filter((name) => ownEntries.test(name))
  return ['.', ...own.flatMap((name) => walk(dir, name))]
}

/**
 * Takes from other users what earlier versions, a copy or a restored backup left open to them.
 *
 * @returns what could not be changed, since it belongs to another user.
 * @throws SharedFolderError for a folder that all users write to, such as /tmp.
 */
export function closeToOthers(dir: string): string[] {
  if ((lstatSync(dir).mode & stickyBit) !== 0) throw new SharedFolderError({ dir })
  for (const entry of listExposed(dir)) {
    const file = path.join(dir, entry)
    try {
      chmodSync(file, lstatSync(file).mode & ownerBits)
    } catch {
      // Gone since, or another user's.
    }
  }
  return listExposed(dir)
}

/**
 * The folder, and what of the installation in it, that belongs to another user, who may change it
 * whatever its mode: neither to us, nor to root, nor to the account that root runs PostgreSQL as.
 */
export function listForeign(dir: string): string[] {
  const ours = process.getuid?.()
  if (ours === undefined) return []
  const postgres = ours === 0 ? findUser('postgres')?.uid : undefined
  return listOwn(dir).filter((entry) => {
    const uid = lstatSync(path.join(dir, entry), { throwIfNoEntry: false })?.uid ?? ours
    const isOfPostgres = uid === postgres && entry.split(path.sep)[0] === 'postgres'
    return uid !== ours && uid !== 0 && !isOfPostgres
  })
}

const stickyBit = 0o1000
const ownerBits = 0o700

function walk(dir: string, entry: string): string[] {
  const found = lstatSync(path.join(dir, entry), { throwIfNoEntry: false })
  if (!found?.isDirectory()) return [entry]
  const names = listFolder(path.join(dir, entry))
  return [entry, ...names.flatMap((name) => walk(dir, path.join(entry, name)))]
}

/** Engines make and remove folders while we look; those of another user may be closed to us. */
function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Links are open to everybody and lead nowhere that their target does not allow. */
function isExposed(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false })
  return found !== undefined && !found.isSymbolicLink() && (found.mode & ownerOnlyMask) !== 0
}
