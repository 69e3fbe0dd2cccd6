import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { Address } from '../ids.ts'
import type { Chain } from '../ports/chain.ts'

export type ChainUnderTest = {
  /** The same sender on the same chain, as after a restart of its process. */
  open(): Promise<Chain>
  stop(): Promise<void>
}

const payee = `0x${'5a'.repeat(20)}` as Address

/**
 * The promise of `Chain`, as tests. `start` gives a chain with our contracts, whose sender is
 * their operator.
 */
export function describeChain(engine: string, start: () => Promise<ChainUnderTest>): void {
  describe(`chain on ${engine}`, () => {
    let place: ChainUnderTest
    let chain: Chain
    beforeAll(async () => {
      place = await start()
      chain = await place.open()
    })
    afterAll(async () => {
      await chain.close()
      await place.stop()
    })
    const balance = () =>
      chain.read<bigint>({ contract: 'ProgrammeToken', method: 'balanceOf', args: [payee] })
    const mint = (once: string, micros: bigint, by = chain) =>
      by.send({ contract: 'ProgrammeToken', method: 'mint', args: [payee, micros], once })

    test('reports its identity, and has every contract', async () => {
      const { chainId, sender, contracts } = await chain.identity()
      expect(chainId).toBeGreaterThan(0)
      expect(sender).toMatch(/^0x[0-9a-f]{40}$/)
      expect(Object.keys(contracts)).toHaveLength(7)
      for (const address of Object.values(contracts)) expect(address).toMatch(/^0x[0-9a-f]{40}$/)
    })

    test('what is sent is mined and read from the newest block', async () => {
      const [before, head] = [await balance(), await chain.head()]
      const receipt = await mint('suite: sent', 7n)
      expect(await balance()).toBe(before + 7n)
      expect(receipt.block).toBeGreaterThan(head.number)
      expect(receipt.gasUsed).toBeGreaterThan(21_000)
      const { number, timestampS, finalized } = await chain.head()
      expect(number).toBeGreaterThanOrEqual(receipt.block)
      expect(timestampS).toBeGreaterThanOrEqual(head.timestampS)
      expect(finalized).toBeLessThanOrEqual(number)
    })

    test('the same once takes effect once: again, at once, and after a restart', async () => {
      const before = await balance()
      const first = await mint('suite: once', 5n)
      expect(await mint('suite: once', 5n)).toEqual(first)
      await Promise.all([mint('suite: both', 3n), mint('suite: both', 3n)])
      const reopened = await place.open()
      expect(await mint('suite: once', 5n, reopened)).toEqual(first)
      await reopened.close()
      expect(await balance()).toBe(before + 8n)
    })

    test('sends of one sender at once all take effect', async () => {
      const before = await balance()
      const names = Array.from({ length: 8 }, (_, index) => `suite: many ${index}`)
      await Promise.all(names.map((once) => mint(once, 1n)))
      expect(await balance()).toBe(before + 8n)
    })

    test("a revert is the caller's mistake and has the error's name", async () => {
      const wrong = { contract: 'SettlementAnchor', method: 'finalize', args: [99n] } as const
      const refused = chain.send({ ...wrong, once: 'suite: refused' })
      await expect(refused).rejects.toThrow(InvalidArgumentError)
      await expect(refused).rejects.toMatchObject({ details: { error: expect.any(String) } })
    })

    test('events of a contract are listed from a block on, in order', async () => {
      const { block, transaction } = await mint('suite: event', 2n)
      const found = await chain.events('ProgrammeToken', block)
      const own = found.filter((each) => each.transaction === transaction)
      expect(own).toMatchObject([{ contract: 'ProgrammeToken', name: 'Transfer', block }])
      expect(await chain.events('ProgrammeToken', block + 1)).toEqual([])
      const all = await chain.events('ProgrammeToken', 0)
      expect(all.length).toBeGreaterThan(1)
      expect(all.map((each) => each.block)).toEqual(
        all.map((each) => each.block).sort((left, right) => left - right),
      )
    })
  })
}
