import type { Profile } from '../../speed/ingest/profile/profileShape.ts'

/** The name of a file tells its format where its first lines may not. */
export function profileFor(name: string, profile: Profile): Profile {
  return /\.(ndjson|jsonl)(\.gz)?$/i.test(name) ? { format: 'ndjson', ...profile } : profile
}
