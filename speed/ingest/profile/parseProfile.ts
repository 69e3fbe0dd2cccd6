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
    throw new ProfileShapeError({ field, fault: 'unknown' })
  }
  if (issue?.code === 'invalid_value') {
    const said = valueAt(value, issue.path)
    throw new ProfileShapeError({ field: path, fault: 'no-choice', said, known: issue.values })
  }
  const field = path === '' ? 'JSON' : path
  throw new ProfileShapeError({ field, fault: 'other', issue: issue?.message ?? 'is wrong' })
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((within, key) => (within as Record<PropertyKey, unknown>)[key], value)
}
