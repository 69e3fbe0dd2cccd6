import { execFileSync } from 'node:child_process'
import * as z from 'zod'
import { projectRoot } from '../process/runtime.ts'
import { bundleOf, data } from './bundled.ts'

type Component = {
  readonly 'bom-ref': string
  readonly type: string
  readonly name: string
  readonly version?: string
  readonly licenses?: readonly unknown[]
  readonly components?: readonly Component[]
}

/** What is read of npm's SBOM; the rest is passed on. */
const npmSbom = z.looseObject({
  bomFormat: z.string(),
  specVersion: z.string(),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), type: z.string(), name: z.string() })),
})

export type Sbom = {
  readonly bomFormat: string
  readonly specVersion: string
  readonly components: readonly Component[]
}

const npmMsMax = 60_000

/** npm's own SBOM of the lock file, without network, with what binaries contain, and the data. */
export function makeSbom(): Sbom {
  const inJson = ['--sbom-format', 'cyclonedx', '--package-lock-only', '--offline']
  // `.npmrc` silences npm, also when it fails.
  const flags = [...inJson, '--loglevel=error']
  const answer = execFileSync('npm', ['sbom', ...flags], {
    ...{ cwd: projectRoot, encoding: 'utf8', timeout: npmMsMax, maxBuffer: 2 ** 26 },
  })
  return addParts(npmSbom.parse(JSON.parse(answer)))
}

/** Scanners look for parts such as OpenSSL by name and version. */
export function addParts(sbom: Sbom): Sbom {
  const components = sbom.components.map((component): Component => {
    const bundle = bundleOf(component.name)
    if (!bundle) return component
    const parts = bundle.parts.map(({ name, version, licence }) => ({
      ...{ 'bom-ref': `${component['bom-ref']}|${name}`, type: 'library', name },
      ...(version === null ? {} : { version }),
      licenses: [{ license: { name: licence } }],
    }))
    return { ...component, components: parts }
  })
  const datasets = data.map(({ name, licence }) => {
    return { 'bom-ref': name, type: 'data', name, licenses: [{ license: { id: licence } }] }
  })
  return { ...sbom, components: [...components, ...datasets] }
}
