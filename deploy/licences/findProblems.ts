import { isAllowed, isStrongCopyleft } from './allowed.ts'
import { type Bundle, bundleOf } from './bundled.ts'
import type { LockedPackage } from './listPackages.ts'

export type Licensed = {
  readonly packages: readonly LockedPackage[]
  readonly bundles: readonly Bundle[]
  /** Installed packages that have binaries. */
  readonly binaries: readonly string[]
}

/** The problems of the licences, a line each. */
export function findProblems({ packages, bundles, binaries }: Licensed): string[] {
  const refused = packages
    .filter(({ licence }) => !isAllowed(licence))
    .map(({ name, licence }) => `${name}: ${licence} is not an allowed licence (allowed.ts).`)
  const unlisted = binaries
    .filter((each) => !bundleOf(each))
    .map((each) => `${each}: has binaries; say what they consist of (bundled.ts).`)
  const parts = bundles.flatMap((bundle) =>
    bundle.parts.flatMap(({ name, licence, because }) => {
      if (isAllowed(licence)) return []
      const isKept = because !== undefined && (!isStrongCopyleft(licence) || bundle.isDevelopment)
      return isKept ? [] : [`${bundle.packages}: ${name} is under ${licence}.`]
    }),
  )
  // A list that says a developer's tool must not be about what everybody installs.
  const shipped = packages
    .filter(({ name, isDevelopment }) => bundleOf(name)?.isDevelopment && !isDevelopment)
    .map(({ name }) => `${name}: is listed as a tool of developers and installed by everybody.`)
  return [...refused, ...unlisted, ...parts, ...shipped]
}
