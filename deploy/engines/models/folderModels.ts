import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import { ModelCardError, ModelHashError, ModelNameError } from '../../../schemas/errors/model.ts'
import { InvariantError, invariant, NotFoundError } from '../../../schemas/errors/wattproofError.ts'
import { sha256Hex } from '../../../schemas/hash.ts'
import type { ModelCard, Models } from '../../../schemas/ports/models.ts'

const idSchema = z.string().regex(/^[0-9a-f]{64}$/)
const nameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
const range = z.tuple([z.string(), z.string()])
const shapes = z.record(z.string(), z.array(z.union([z.number(), z.string()])))

const cardSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  kind: z.string(),
  createdMs: z.int(),
  split: z.strictObject({ train: range, validate: range, test: range }),
  hyperparameters: z.record(z.string(), z.union([z.number(), z.string()])),
  inputs: shapes,
  outputs: shapes,
  metrics: z.record(z.string(), z.number()),
  meters: z.int().nonnegative(),
  notes: z.string(),
})

/**
 * Models in a folder that machines may share: `ID.onnx`, `ID.json` (the card) and
 * `released/NAME` (an id). The card is written last, so the bytes of every card exist.
 *
 * The first card of a model stays: the same bytes again, from a repeated training, change
 * nothing.
 */
export function openFolderModels(dir: string): Models {
  return {
    put: (bytes, card) => put(dir, bytes, card),
    get: (id) => get(dir, id),
    list: () => list(dir),
    release: (name, id) => release(dir, name, id),
    released: (name) => released(dir, name),
  }
}

async function put(dir: string, bytes: Uint8Array, card: ModelCard): Promise<void> {
  const parsed = cardSchema.safeParse(card)
  if (!parsed.success) {
    throw new ModelCardError({ issues: z.prettifyError(parsed.error) })
  }
  const actual = sha256Hex(bytes)
  if (card.id !== actual) throw new ModelHashError({ id: card.id, actual })
  if (existsSync(fileOf(dir, card.id, 'json'))) return
  await writeWhole(fileOf(dir, card.id, 'onnx'), bytes)
  const text = JSON.stringify(parsed.data, null, 2)
  await writeWhole(fileOf(dir, card.id, 'json'), new TextEncoder().encode(`${text}\n`))
}

/** The bytes are hashed again: changed bytes are not the model. */
async function get(dir: string, id: string): Promise<{ bytes: Uint8Array; card: ModelCard }> {
  const card = await readCard(dir, id)
  const bytes = new Uint8Array(await readFile(fileOf(dir, id, 'onnx')))
  invariant(sha256Hex(bytes) === id, `The bytes of model ${id} do not match its id.`)
  return { bytes, card }
}

/** Oldest first. */
async function list(dir: string): Promise<readonly ModelCard[]> {
  if (!existsSync(dir)) return []
  const ids = (await readdir(dir)).filter((file) => /^[0-9a-f]{64}\.json$/.test(file))
  const cards = await Promise.all(ids.map((file) => readCard(dir, file.slice(0, 64))))
  return cards.sort((left, right) => {
    return left.createdMs - right.createdMs || (left.id < right.id ? -1 : 1)
  })
}

async function release(dir: string, name: string, id: string): Promise<void> {
  await readCard(dir, id)
  await writeWhole(releaseFile(dir, name), new TextEncoder().encode(`${id}\n`))
}

async function released(dir: string, name: string): Promise<ModelCard | null> {
  const file = releaseFile(dir, name)
  if (!existsSync(file)) return null
  return readCard(dir, (await readFile(file, 'utf8')).trim())
}

async function readCard(dir: string, id: string): Promise<ModelCard> {
  const isId = idSchema.safeParse(id).success
  const file = fileOf(dir, id, 'json')
  if (!isId || !existsSync(file)) throw new NotFoundError('model', id)
  try {
    return cardSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new InvariantError(`The card of model ${id} cannot be read.`, { file }, error)
  }
}

/**
 * Written to a temporary file, flushed, renamed, and the rename flushed: atomic even after a crash.
 */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const folder = path.dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const aside = path.join(folder, `.${randomUUID()}`)
  try {
    const handle = await open(aside, 'wx', 0o600)
    await handle.writeFile(bytes)
    await handle.sync()
    await handle.close()
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}

function fileOf(dir: string, id: string, kind: 'onnx' | 'json'): string {
  return path.join(dir, `${id}.${kind}`)
}

function releaseFile(dir: string, name: string): string {
  const isName = nameSchema.safeParse(name).success
  if (!isName) throw new ModelNameError({ name })
  return path.join(dir, 'released', name)
}
