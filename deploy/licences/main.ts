import fs from 'node:fs'
import path from 'node:path'
import { projectRoot } from '../process/runtime.ts'
import { audit, countSevere } from './audit.ts'
import { bundles } from './bundled.ts'
import { describeLicences } from './describeLicences.ts'
import { findProblems } from './findProblems.ts'
import { listBinaries } from './listBinaries.ts'
import { listPackages, lockShape } from './listPackages.ts'
import { makeSbom } from './sbom.ts'

/**
 * `npm run licences`: writes docs/licences.md and an SBOM, and asks for known vulnerabilities. Ends
 * with 1 where a licence may not be here, or a package of every installation has a severe one.
 */
const auditMsMax = 20_000
const at = (...parts: string[]) => path.join(projectRoot, ...parts)
const say = (line: string) => void process.stdout.write(`${line}\n`)

const lock = lockShape.parse(JSON.parse(fs.readFileSync(at('package-lock.json'), 'utf8')))
const packages = listPackages(lock)
fs.writeFileSync(at('docs', 'licences.md'), describeLicences(packages))
const problems = findProblems({ packages, bundles, binaries: listBinaries(at('node_modules')) })
say(`docs/licences.md: ${packages.length} packages`)

const sbom = makeSbom()
fs.mkdirSync(at('reports'), { recursive: true })
fs.writeFileSync(at('reports', 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`)
say(`reports/sbom.cdx.json: CycloneDX ${sbom.specVersion}, ${sbom.components.length} components`)

const answer = await audit({ msMax: auditMsMax })
if (answer.isAnswered) {
  say(`npm audit: ${JSON.stringify(answer.bySeverity)}`)
  const severe = countSevere(answer)
  if (severe > 0) problems.push(`npm audit --omit=dev: ${severe} high or critical.`)
} else say(`npm audit: the registry does not answer it (${answer.reason}); nothing was checked`)

for (const each of problems) say(`error: ${each}`)
process.exitCode = problems.length > 0 ? 1 : 0
