import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import { sha256Hex } from '../hash.ts'
import type { ModelCard, Models } from '../ports/models.ts'

/** An empty model store that any number of processes may open. */
export type ModelsHarness = { open(): Models; stop(): Promise<void> }

/** The promise of `Models`, as tests. */
export function describeModels(engine: string, start: () => Promise<ModelsHarness>): void {
  describe(`models: ${engine}`, () => {
    let harness: ModelsHarness
    let models: Models
    beforeEach(async () => {
      harness = await start()
      models = harness.open()
    })
    afterEach(() => harness.stop())

    test('is empty at first', async () => {
      expect(await models.list()).toEqual([])
      expect(await models.released('load')).toBeNull()
    })

    test('returns the bytes and the card that were put, to other clients too', async () => {
      const { bytes, card } = sample('one')
      await models.put(bytes, card)

      const kept = await harness.open().get(card.id)
      expect(Buffer.compare(kept.bytes, bytes)).toBe(0)
      expect(kept.card).toEqual(card)
    })

    test('put again changes nothing, not even with another card', async () => {
      const { bytes, card } = sample('one')
      await models.put(bytes, card)
      await models.put(bytes, { ...card, createdMs: card.createdMs + 1, notes: 'again' })

      expect(await models.list()).toEqual([card])
    })

    test('concurrent puts of one model do not affect each other', async () => {
      const { bytes, card } = sample('one')
      await Promise.all(
        [harness.open(), harness.open(), models].map((each) => each.put(bytes, card)),
      )

      expect((await models.get(card.id)).card).toEqual(card)
      expect(await models.list()).toEqual([card])
    })

    test('lists the oldest first', async () => {
      const late = sample('late', 2_000)
      const early = sample('early', 1_000)
      await models.put(late.bytes, late.card)
      await models.put(early.bytes, early.card)

      expect((await models.list()).map((card) => card.createdMs)).toEqual([1_000, 2_000])
    })

    test('a name is moved in one step; what it named stays', async () => {
      const [one, two] = [sample('one'), sample('two')]
      await models.put(one.bytes, one.card)
      await models.put(two.bytes, two.card)

      await models.release('load', one.card.id)
      expect(await models.released('load')).toEqual(one.card)
      await models.release('load', two.card.id)
      expect(await harness.open().released('load')).toEqual(two.card)
      expect(await models.released('price')).toBeNull()
      expect((await models.get(one.card.id)).card).toEqual(one.card)
    })

    test('a card that names other bytes is refused', async () => {
      const { bytes } = sample('one')
      const { card } = sample('two')
      await expect(models.put(bytes, card)).rejects.toThrow(InvalidArgumentError)
      expect(await models.list()).toEqual([])
    })

    test('a card with a figure missing or not a number is refused', async () => {
      const { bytes, card } = sample('one')
      const { metrics: _, ...without } = card
      await expect(models.put(bytes, without as ModelCard)).rejects.toThrow(InvalidArgumentError)
      const notNumber = { ...card, metrics: { rmseWh: Number.NaN } }
      await expect(models.put(bytes, notNumber)).rejects.toThrow(InvalidArgumentError)
    })

    test('what is missing is reported: a model, a model to release', async () => {
      const { card } = sample('one')
      await expect(models.get(card.id)).rejects.toThrow(InvalidArgumentError)
      await expect(models.get('../secret')).rejects.toThrow(InvalidArgumentError)
      await expect(models.release('load', card.id)).rejects.toThrow(InvalidArgumentError)
      expect(await models.released('load')).toBeNull()
    })
  })
}

function sample(
  text: string,
  createdMs = 1_360_540_800_000,
): { bytes: Uint8Array; card: ModelCard } {
  const bytes = new TextEncoder().encode(text)
  const card: ModelCard = {
    id: sha256Hex(bytes),
    name: 'load-day-ahead-1800s',
    kind: 'linear-ridge',
    createdMs,
    split: {
      train: ['2012-01-01T00:00:00.000Z', '2012-12-01T00:00:00.000Z'],
      validate: ['2012-12-01T00:00:00.000Z', '2013-01-01T00:00:00.000Z'],
      test: ['2013-01-01T00:00:00.000Z', '2013-02-01T00:00:00.000Z'],
    },
    hyperparameters: { lambda: 0.5, solver: 'cholesky' },
    inputs: { history_wh: ['sites', 336] },
    outputs: { forecast_wh: ['sites', 96] },
    metrics: { rmseWh: 101.25, naiveRmseWh: 140 },
    meters: 24,
    notes: '',
  }
  return { bytes, card }
}
