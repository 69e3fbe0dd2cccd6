import { readFileSync } from 'node:fs'

export type Ids = { readonly uid: number; readonly gid: number }

/** The users of this machine, as far as they are in its file. */
export function readUsers(): { name: string; ids: Ids }[] {
  const fields = readFileSync('/etc/passwd', 'utf8').trim().split('\n')
  return fields
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, ids: { uid: Number(uid), gid: Number(gid) } }))
}

export function findUser(name: string): Ids | null {
  return readUsers().find((each) => each.name === name)?.ids ?? null
}
