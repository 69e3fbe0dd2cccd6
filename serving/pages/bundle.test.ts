import { brotliCompressSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { type Asset, bundlePages } from './bundle.ts'

/** PAGES.md: the limit of what a phone on a slow line must download in total. */
const compressedBytesMax = 150_000
/** Before the first paint: document, style, entry and its static imports. */
const firstBytesMax = 60_000

let assets: ReadonlyMap<string, Asset>
beforeAll(async () => {
  assets = await bundlePages()
})

test('all pages with the proof check weigh at most 150 kB compressed', () => {
  expect(sizeOf([...assets.keys()])).toBeLessThan(compressedBytesMax)
})

test('the verifier is loaded only when somebody checks a proof', () => {
  const first = ['/', '/pages.css', '/pages.js', ...importsOf('/pages.js')]
  expect(sizeOf(first)).toBeLessThan(firstBytesMax)
  const lazy = [...assets.keys()].filter((name) => !first.includes(name) && name.endsWith('.js'))
  const texts = lazy.map((name) => assets.get(name)!.body.toString())
  expect(texts.some((text) => text.includes('The leaf is under the header'))).toBe(true)
})

test('nothing is fetched from elsewhere', () => {
  for (const [name, { body }] of assets) {
    const text = body.toString()
    expect(text, name).not.toMatch(
      /(src|href)=["']https?:|url\(\s*["']?https?:|import\s*["']https?:/,
    )
  }
})

function sizeOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + brotliCompressSync(assets.get(name)!.body).length, 0)
}

/** The static imports of a module, transitively. */
function importsOf(name: string): string[] {
  const text = assets.get(name)!.body.toString()
  const found = [...text.matchAll(/(?:from|import)\s*"\.(\/[\w-]+\.js)"/g)].map((each) => each[1]!)
  return [...new Set(found.flatMap((each) => [each, ...importsOf(each)]))]
}
