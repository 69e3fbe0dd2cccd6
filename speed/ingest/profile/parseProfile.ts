import { ProfileShapeError } from '../../../schemas/errors/profile.ts'
import { type Profile, profileShape } from './profileShape.ts'

/**
 * A profile of JSON.
 *
 * @throws ProfileShapeError that names the field; unknown fields are refused.
 */
export function parseProfile(value: unknown): Profile {
  const parsed = profileShape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  if (issue?.code === 'unrecognized_keys') {
    const field = [path, issue.keys[0] ?? ''].filter((each) => each !== '').join('.')
    throw new ProfileShapeError({ field, reason: 'there is no such field' })
  }
  const reason = (issue?.message ?? 'is wrong').replace(/\.$/, '')
  throw new ProfileShapeError({ field: path === '' ? 'JSON' : path, reason })
}
