import { expect, test } from 'vitest'
import { listPackages } from './listPackages.ts'

test('packages by name, wherever they are installed; versions with one licence together', () => {
  const found = listPackages({
    packages: {
      '': { version: '0.1.0', license: 'Apache-2.0' },
      'node_modules/b': { version: '2.0.0', license: 'MIT', dev: true },
      'node_modules/a/node_modules/b': { version: '1.0.0', license: 'MIT' },
      'node_modules/@c/d': { version: '3.0.0', license: 'ISC', dev: true },
      'node_modules/a': { version: '1.0.0' },
    },
  })
  expect(found).toEqual([
    { name: '@c/d', versions: ['3.0.0'], licence: 'ISC', isDevelopment: true },
    { name: 'a', versions: ['1.0.0'], licence: 'none stated', isDevelopment: false },
    // One of its two versions is in every installation.
    { name: 'b', versions: ['1.0.0', '2.0.0'], licence: 'MIT', isDevelopment: false },
  ])
})
