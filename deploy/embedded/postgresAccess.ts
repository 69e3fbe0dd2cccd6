import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { engineUser } from '../sockets/enginePlaces.ts'

/** One role, one database, by the socket alone, and always with the password. */
const rules = `local postgres ${engineUser} scram-sha-256\n`

/**
 * Writes who may log in, before each start: whatever a template, a backup or somebody else put
 * there, no user is trusted by name or for being on this machine, and no superuser gets in.
 */
export function restrictAccess(data: string): void {
  const file = path.join(data, 'pg_hba.conf')
  // In place, as it must go on belonging to the account that the server runs as.
  if (readFileSync(file, 'utf8') !== rules) writeFileSync(file, rules)
}
