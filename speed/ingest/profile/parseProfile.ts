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
  if (issue?.code === 'invalid_value') {
    const said = JSON.stringify(valueAt(value, issue.path))
    throw new ProfileShapeError({
      field: path,
      reason: `${said} is none of ${listed(issue.values)}`,
    })
  }
  const reason = (issue?.message ?? 'is wrong').replace(/\.$/, '')
  throw new ProfileShapeError({ field: path === '' ? 'JSON' : path, reason })
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((within, key) => (within as Record<PropertyKey, unknown>)[key], value)
}

/** Values in a list; blank ones and signs are quoted. */
function listed(values: readonly unknown[]): string {
  return values.map((each) => (/^\w/.test(String(each)) ? each : JSON.stringify(each))).join(', ')
}
