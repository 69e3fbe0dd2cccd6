import { bundles, data } from './bundled.ts'
import type { LockedPackage } from './listPackages.ts'

/** `docs/licences.md`. */
export function describeLicences(packages: readonly LockedPackage[]): string {
  const shipped = packages.filter((each) => !each.isDevelopment)
  const tools = packages.filter((each) => each.isDevelopment)
  return `${[
    '# Licences',
    '',
    'What this project (Apache-2.0) has of others. `npm run licences` writes this list from',
    '`package-lock.json` and `deploy/licences/bundled.ts`, fails where a licence is not on the',
    'list of allowed ones (`deploy/licences/allowed.ts`), writes an SBOM (CycloneDX) to',
    '`reports/sbom.cdx.json`, and asks the registry for known vulnerabilities.',
    '',
    '## Data',
    '',
    '| what | licence | attribution |',
    '|---|---|---|',
    ...data.map(({ name, licence, attribution }) => row(name, licence, attribution)),
    '',
    '## In binaries',
    '',
    'What packages bring along ready-made, for the platform that is installed.',
    '',
    '| package | contains | version | licence | remark |',
    '|---|---|---|---|---|',
    ...bundles.flatMap(({ packages: name, isDevelopment, parts }) =>
      parts.map((each) => {
        const isFor = isDevelopment ? 'for developers' : undefined
        const remark = [isFor, each.because].filter(Boolean).join('; ')
        const shown = /[-/]$/.test(name) ? `${name}*` : name
        return row(shown, each.name, each.version ?? '', each.licence, remark)
      }),
    ),
    '',
    '## Packages that every installation has',
    '',
    ...table(shipped),
    '',
    '## Packages for developers',
    '',
    ...table(tools),
  ].join('\n')}\n`
}

function table(packages: readonly LockedPackage[]): string[] {
  return [
    '| package | version | licence |',
    '|---|---|---|',
    ...packages.map(({ name, versions, licence }) => row(name, versions.join(', '), licence)),
  ]
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`
}
