import * as z from 'zod'

/** The part of package-lock.json that is read. */
export const lockShape = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().exactOptional(),
      license: z.string().exactOptional(),
      dev: z.boolean().exactOptional(),
    }),
  ),
})

export type Lock = z.infer<typeof lockShape>

export type LockedPackage = {
  readonly name: string
  readonly versions: readonly string[]
  /** SPDX expression. */
  readonly licence: string
  /** Only developers install it. */
  readonly isDevelopment: boolean
}

/** Licences of packages whose manifest states them in a form that npm no longer reads. */
const statedElsewhere: Readonly<Record<string, string>> = { memorystream: 'MIT' }

/** The packages of the lock file, of all platforms, by name; versions with one licence together. */
export function listPackages(lock: Lock): LockedPackage[] {
  const found = new Map<string, LockedPackage>()
  for (const [path, entry] of Object.entries(lock.packages)) {
    const name = path.split('node_modules/').at(-1)
    if (!name) continue
    const licence = entry.license ?? statedElsewhere[name] ?? 'none stated'
    const key = `${name} ${licence}`
    const known = found.get(key)
    const versions = new Set([...(known?.versions ?? []), entry.version ?? ''])
    const isDevelopment = (known?.isDevelopment ?? true) && entry.dev === true
    found.set(key, { name, versions: [...versions].sort(), licence, isDevelopment })
  }
  return [...found.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
}
