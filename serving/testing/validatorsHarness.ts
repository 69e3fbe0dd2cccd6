import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openSigner, type Signer } from '../../deploy/engines/chain/ethersChainSigner.ts'
import { openHttpPublished } from '../../deploy/engines/published/httpPublished.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { toJson } from '../../schemas/units.ts'
import type { PublishedSettlement } from '../settlement/published.ts'
import type { EventStore } from '../store/eventStore.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import { runValidator } from '../validate/runValidator.ts'
import { type HeadWatch, watchHead } from '../validate/watchHead.ts'
import { keyOf } from './drafts.ts'

/** Forged inputs that a validator gets instead of the published ones, by its account. */
export const altered = new Map<string, (published: PublishedSettlement) => PublishedSettlement>()

export type ValidatorSurroundings = {
  readonly api: Server
  readonly clock: Clock
  connect(signer: Signer): Promise<Chain>
  /** Hash of the newest block. */
  readHead(): Promise<Hex32>
  say(line: string): void
}

export async function runValidators(around: ValidatorSurroundings, indices: readonly number[]) {
  const ends = new AbortController()
  const { signal } = ends
  const { clock, readHead: read } = around
  const heads = watchHead({ read, clock, signal })
  const running = await Promise.all(
    indices.map(async (index) => {
      const signer = await openSigner({ privateKey: keyOf(`validator-${index}`) })
      return startValidator(around, signer, { heads, signal })
    }),
  )
  return {
    async stop() {
      ends.abort()
      await Promise.all(running.map(({ done }) => done))
    },
  }
}

export async function sendObjection(
  { connect }: Pick<ValidatorSurroundings, 'connect'>,
  index: number,
  settlementNumber: number,
): Promise<void> {
  const validator = await connect(await openSigner({ privateKey: keyOf(`validator-${index}`) }))
  const args = [settlementNumber, keccakOfText('a result of its own')]
  const call = { contract: 'SettlementAnchor', method: 'object', args } as const
  await validator.send({ ...call, once: `object ${settlementNumber}` })
  await validator.close()
}

async function startValidator(
  { api, connect, say }: ValidatorSurroundings,
  signer: Signer,
  { heads, signal }: { readonly heads: HeadWatch; readonly signal: AbortSignal },
) {
  const { port } = api.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/${signer.address}/`
  const done = runValidator({
    chain: await connect(signer),
    signer,
    client: openHttpPublished({ url, token: signer.address }),
    heads,
    signal,
    say: (line) => say(`${signer.address}: ${line}`),
  })
  return { done }
}

/** The two routes of the API that validators use. The token is the validator's account. */
export async function openValidatorApi(
  storeOf: () => EventStore,
  addVerdict: (verdict: ValidatorVerdict) => Promise<void>,
): Promise<Server> {
  const server = createServer(async (request, response) => {
    const account = request.headers.authorization?.slice('Bearer '.length) ?? ''
    const [, settlementNumber = '', what] = /anchors\/(\d+)\/(\w+)$/.exec(request.url ?? '') ?? []
    try {
      if (what === 'published') {
        const published = await publishedOf(storeOf(), Number(settlementNumber))
        response.statusCode = published ? 200 : 404
        const shown = published && (altered.get(account)?.(published) ?? published)
        response.end(toJson(shown ?? {}))
        return
      }
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const verdict = JSON.parse(Buffer.concat(parts).toString()) as ValidatorVerdict
      await addVerdict({ ...verdict, period: Number(settlementNumber) })
      response.end('{}')
    } catch (error) {
      response.statusCode = 400
      response.end(JSON.stringify({ detail: sentenceOf(error) }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function publishedOf(
  store: EventStore,
  settlementNumber: number,
): Promise<PublishedSettlement | null> {
  for (const { event } of await store.events()) {
    const kept = await store.record(event.id, 0)
    if (kept?.record.period === settlementNumber) return kept.record.published
  }
  return null
}
