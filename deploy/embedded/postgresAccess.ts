import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** One user, one database, this machine, and always with the password. */
const rules = 'host postgres postgres 127.0.0.1/32 scram-sha-256\n'

/**
 * Who may log in, written before each start: whatever a template, a backup or somebody else has
 * put there, no user is trusted by name or for being on this machine.
 */
export function restrictAccess(data: string): void {
  const file = path.join(data, 'pg_hba.conf')
  // In place, as it must go on belonging to the account that the server runs as.
  if (readFileSync(file, 'utf8') !== rules) writeFileSync(file, rules)
}
