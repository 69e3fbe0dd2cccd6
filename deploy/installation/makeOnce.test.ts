import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { serialize } from 'node:v8'
import { expect, test, vi } from 'vitest'
import { makeOnce } from './makeOnce.ts'

const made = new Map([['/', { type: 'text/html', body: Buffer.from('<p>é') }]])
const make = vi.fn(async () => made)
const isWhole = (kept: unknown): kept is typeof made => kept instanceof Map && kept.has('/')
const how = { make, isWhole }
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wattproof-made-'))

test('made by the first, read by the next, as it was', async () => {
  expect(await makeOnce('pages', how, folder)).toEqual(made)
  expect(await makeOnce('pages', how, folder)).toEqual(made)
  expect(make).toHaveBeenCalledTimes(1)
})

test('made again when what was kept is damaged', async () => {
  fs.truncateSync(path.join(folder, 'pages'), 20)
  expect(await makeOnce('pages', how, folder)).toEqual(made)
  expect(make).toHaveBeenCalledTimes(2)
})

test('made again when what was kept has another shape', async () => {
  for (const other of [undefined, [], {}, new Map(), new Map([['/other', 1]])]) {
    make.mockClear()
    fs.writeFileSync(path.join(folder, 'pages'), serialize(other))
    expect(await makeOnce('pages', how, folder)).toEqual(made)
    expect(await makeOnce('pages', how, folder)).toEqual(made)
    expect(make).toHaveBeenCalledTimes(1)
  }
})

test('made each time where nothing can be kept', async () => {
  make.mockClear()
  expect(await makeOnce('pages', how, path.join(folder, 'missing'))).toEqual(made)
  expect(await makeOnce('pages', how, null)).toEqual(made)
  expect(make).toHaveBeenCalledTimes(2)
})
