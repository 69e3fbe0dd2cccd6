import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeModels } from '../../../schemas/conformance/models.ts'
import { InvalidArgumentError, InvariantError } from '../../../schemas/errors/wattproofError.ts'
import { sha256Hex } from '../../../schemas/hash.ts'
import type { ModelCard } from '../../../schemas/ports/models.ts'
import { openFolderModels } from './folderModels.ts'

const folders: string[] = []

describeModels('folder', async () => {
  const dir = folder()
  return {
    open: () => openFolderModels(path.join(dir, 'models')),
    stop: async () => rmSync(dir, { recursive: true }),
  }
})

afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

test('bytes that were changed on disk are not returned', async () => {
  const dir = folder()
  const models = openFolderModels(dir)
  const { bytes, card } = sample()
  await models.put(bytes, card)
  const file = path.join(dir, `${card.id}.onnx`)
  writeFileSync(file, readFileSync(file, 'utf8').replace('weights', 'weight5'))

  await expect(models.get(card.id)).rejects.toThrow(InvariantError)
})

test('leftovers of a killed put are not a model, and the next put completes it', async () => {
  const dir = folder()
  const models = openFolderModels(dir)
  const { bytes, card } = sample()
  // Killed between bytes and card, and in the middle of the bytes.
  writeFileSync(path.join(dir, `${card.id}.onnx`), 'wei')
  writeFileSync(path.join(dir, '.half'), 'wei')

  expect(await models.list()).toEqual([])
  await models.put(bytes, card)
  expect((await models.get(card.id)).card).toEqual(card)
})

test('no temporary file is left, and no name escapes the folder', async () => {
  const dir = folder()
  const models = openFolderModels(dir)
  const { bytes, card } = sample()
  await models.put(bytes, card)
  await models.release('load', card.id)

  expect(readdirSync(dir).sort()).toEqual([`${card.id}.json`, `${card.id}.onnx`, 'released'])
  expect(readdirSync(path.join(dir, 'released'))).toEqual(['load'])
  await expect(models.release('../load', card.id)).rejects.toThrow(InvalidArgumentError)
  await expect(models.released('a/b')).rejects.toThrow(InvalidArgumentError)
})

function sample(): { bytes: Uint8Array; card: ModelCard } {
  const bytes = new TextEncoder().encode('weights')
  const range = ['2013-01-01T00:00:00.000Z', '2013-02-01T00:00:00.000Z'] as const
  const card = {
    id: sha256Hex(bytes),
    name: 'load',
    kind: 'linear',
    createdMs: 0,
    split: { train: range, validate: range, test: range },
    hyperparameters: {},
    inputs: {},
    outputs: {},
    metrics: {},
    meters: 0,
    notes: '',
  }
  return { bytes, card }
}

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'models-'))
  folders.push(dir)
  return dir
}
