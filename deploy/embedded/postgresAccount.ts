import { execFileSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { AccountBarredError, NoAccountError } from '../../schemas/errors/installation.ts'
import { findUser, type Ids, readUsers } from '../process/users.ts'

/** The account PostgreSQL runs as, and how to start a program under it. */
export type PostgresAccount = {
  /** Prefix of the command line: a wrapper that executes the program; empty for none. */
  readonly prefix: readonly string[]
  readonly ids: { readonly uid?: number; readonly gid?: number }
  /** Required owner of the data; null: the current user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
}

/**
 * PostgreSQL refuses to run as root, so root needs another account for it, and that account must
 * be able to reach both the programs and the data. In this order:
 *
 * 1. not root: the current user;
 * 2. the user `postgres`, if it exists and can enter every folder on the way;
 * 3. a user namespace in which root has another user id: it can open whatever root can, such
 *    as a checkout under /root or the folder of an installation (both mode 700). Containers often
 *    forbid namespaces;
 * 4. the user `postgres`, created if need be, and with root's passage through folders.
 *
 * @param paths the data folder and the programs.
 * @throws InvalidArgumentError naming the folder that is in the way.
 */
export function choosePostgresAccount(paths: readonly string[]): PostgresAccount {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {}, owner: null }
  const known = findUser('postgres')
  if (known && !findBarrier(paths, known)) return { prefix: [], ids: known, owner: known }
  const prefix = namespacePrefix()
  if (prefix) return { prefix, ids: {}, owner: { uid: 0, gid: 0 } }
  const ids = known ?? makeUser('postgres')
  const barrier = findBarrier(paths, ids)
  if (!barrier) return { prefix: [], ids, owner: ids }
  const passage = passagePrefix(ids)
  if (passage) return { prefix: passage, ids: {}, owner: ids }
  throw new AccountBarredError({ barrier })
}

/** The first folder on the way to any of the paths that these ids may not enter; null: none. */
export function findBarrier(paths: readonly string[], { uid, gid }: Ids): string | null {
  const folders = new Set(paths.flatMap(parentsOf))
  for (const folder of folders) {
    const { mode, uid: owner, gid: group } = statSync(folder)
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return folder
  }
  return null
}

/** Changes the owner of a folder and its contents, where it differs. */
export function giveTo(owner: Ids | null, folder: string): void {
  if (!owner) return
  const { uid, gid } = lstatSync(folder)
  if (uid === owner.uid && gid === owner.gid) return
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    // Links are left alone: their targets may belong to anyone.
    const inside = path.join(folder, entry)
    if (!lstatSync(inside).isSymbolicLink()) chownSync(inside, owner.uid, owner.gid)
  }
  // Last, so that an interrupted change is started over.
  chownSync(folder, owner.uid, owner.gid)
}

function parentsOf(file: string): string[] {
  const parent = path.dirname(file)
  return parent === file ? [] : [...parentsOf(parent), parent]
}

function makeUser(name: string): Ids {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', name])
  } catch (error) {
    throw new NoAccountError(error)
  }
  return findUser(name)!
}

/** A wrapper that runs under another user id, or null where namespaces are not available. */
function namespacePrefix(): string[] | null {
  // Any user but root with a name, since initdb looks the name up.
  const ids = readUsers().find((each) => each.ids.uid > 0)?.ids
  if (!ids) return null
  return ifItRuns(['unshare', '--user', `--map-user=${ids.uid}`, `--map-group=${ids.gid}`, '--'])
}

/** A wrapper that becomes this user and keeps root's right to pass closed folders. */
function passagePrefix({ uid, gid }: Ids): string[] | null {
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  return ifItRuns(['setpriv', ...ids, ...rights, '--'])
}

function ifItRuns(prefix: readonly string[]): string[] | null {
  const [program = '', ...args] = prefix
  try {
    execFileSync(program, [...args, 'true'], { stdio: 'ignore' })
    return [...prefix]
  } catch {
    // Not installed or not allowed: the next option.
    return null
  }
}
