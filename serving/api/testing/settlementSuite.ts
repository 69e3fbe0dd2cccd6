import { describe, expect, test } from 'vitest'
import { bearer } from '../../../deploy/testing/testApi.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import { proofBundleSchema } from '../../settlement/bundle/proofBundle.ts'
import { verifyBundle } from '../../settlement/bundle/verifyBundle.ts'
import { recomputeSettlement } from '../../settlement/recomputeSettlement.ts'
import { accounts, exampleEvent, meters } from '../../settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../store/eventStore.ts'
import { id } from './fillViews.ts'
import { app, built, type Row, read, readBare, send, verdicts, views } from './routesHarness.ts'

export function describeSettlement(): void {
  describe('settlement', () => {
    test('the invoice adds up, and has no lines without the token', async () => {
      const open = await readBare(`/events/${id}/settlement`)
      const full = await read(`/events/${id}/settlement`)
      const again = await read(`/events/${id}/settlement/rerun`)
      expect(again).toMatchObject({ asOf: { readings: [42] }, difference: null })
      const { lines, totals, header } = full
      const sum = (name: string) =>
        lines.reduce((all: number, line: Row) => all + Number(line[name]), 0)
      expect(sum('payMicros')).toBe(header.totalPay)
      expect(sum('feeMicros')).toBe(totals.feeMicros)
      expect(sum('deliveredMwh')).toBe(totals.deliveredMwh)
      expect(header.root).toBe(built.header.root)
      // The second and fifth lines are of one account: the fifth starts with the rest of its debt.
      expect(totals.debtAfterMicros).toBe(
        sum('debtAfterMicros') - Number(built.settlement.lines[1]!.debtAfter),
      )
      expect(lines[1]).toMatchObject({ meter: meters[1], account: accounts[1] })
      const { lines: _, ...rest } = full
      expect(open).toEqual(rest)
      expect(open).toMatchObject({ isFinal: true, period: 1, currency: 'GBP' })
      const text = JSON.stringify(open)
      const { published } = built
      const hashes = published.members.flatMap(({ pseudonym, detail }) => [pseudonym, detail])
      for (const secret of [...meters, ...accounts, ...hashes]) expect(text).not.toContain(secret)
    })

    test('the inputs published to validators recompute to the header', async () => {
      const published = await read('/anchors/1/published')
      const { parsePublishedSettlement } = await import('../../settlement/published.ts')
      const parsed = parsePublishedSettlement(published)
      expect(recomputeSettlement(parsed, built.header)).toEqual({ ok: true })
      for (const meter of meters) expect(JSON.stringify(published)).not.toContain(meter)
      const missing = await app.inject({ url: '/api/v1/anchors/9/published', headers: bearer })
      expect(missing.statusCode).toBe(404)
    })

    test('a bundle verifies, and is refused without the token', async () => {
      const bundle = await read(`/meters/${meters[1]}/bundles/${id}`)
      const verdict = await verifyBundle(proofBundleSchema.parse(bundle))
      expect(verdict).toMatchObject({ ok: true })
      const url = `/api/v1/meters/STRANGER/bundles/${id}`
      expect((await app.inject({ url, headers: bearer })).statusCode).toBe(404)
    })

    test('only final events can be claimed', async () => {
      const report = await send(`/events/${id}/claims`, {})
      expect(report).toEqual({
        eventId: id,
        claims: [{ account: accounts[0], amountMicros: (2n ** 60n).toString(), staked: true }],
        refused: [],
        sumMicros: (2n ** 60n).toString(),
        gasUsed: 61_000,
      })
      const preview = await send(`/events/${id}/claims`, { dryRun: true })
      expect(preview).toEqual({ ...report, gasUsed: 0 })
      await openEventStore(views).putEvent(
        firstProgress({ ...exampleEvent, id: 'young' as typeof id }),
      )
      for (const [method, url] of [
        ['POST', '/api/v1/events/young/claims'],
        ['GET', '/api/v1/events/young/settlement'],
      ] as const) {
        const payload = method === 'POST' ? { payload: {} } : {}
        const early = await app.inject({ method, url, headers: bearer, ...payload })
        expect(early.statusCode).toBe(409)
        expect(early.json().detail).toMatch(
          /^young is announced; (it is settled|what it pays can be claimed) once/,
        )
      }
    })

    test('a verdict is a signature or a refusal', async () => {
      const validator = accounts[0]!
      const signature = `0x${'Ab'.repeat(65)}`
      await send('/anchors/1/verdicts', { validator, signature, refusal: null })
      expect(verdicts).toEqual([
        { period: 1, validator, signature: signature.toLowerCase(), refusal: null },
      ])
      const both = await app.inject({
        method: 'POST',
        url: '/api/v1/anchors/1/verdicts',
        headers: bearer,
        payload: { validator, signature, refusal: 'No.' },
      })
      expect(both.statusCode).toBe(400)
      expect(both.json().detail).toMatch(/one of the two, the other null/)
    })
  })
}
