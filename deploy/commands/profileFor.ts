import type { Profile } from '../../speed/ingest/profile/profileShape.ts'

/** Where the first lines of a file may say nothing, its name does. */
export function profileFor(name: string, profile: Profile): Profile {
  return /\.(ndjson|jsonl)(\.gz)?$/i.test(name) ? { format: 'ndjson', ...profile } : profile
}
