import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { NoSettlementError } from '../../../schemas/errors/settlement.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import { anchors, validators, verdictBody, verdictKept } from '../../shapes/chain.ts'
import { published } from '../../shapes/settlement.ts'
import { addRoute } from '../http/addRoute.ts'
import { wholeText } from '../http/queryShapes.ts'
import type { ApiContext } from '../read/apiPorts.ts'
import { withoutRefusals } from '../read/readChain.ts'

const periodParams = z.strictObject({ period: wholeText })

/** Validators, settlements of the anchor, the inputs validators recompute and their verdicts. */
export function addChainRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/validators',
    id: 'listValidators',
    tag: 'chain',
    summary: 'Who may attest, with earned and genesis stake, and the quorum',
    access: 'open',
    answer: validators,
    hasETag: true,
    handle: () => api.chainReader.validators(),
  })
  addRoute(app, {
    method: 'GET',
    path: '/anchors',
    id: 'listAnchors',
    tag: 'chain',
    summary: 'Settlements on the anchor, the newest first; why a validator refuses with the token',
    access: 'either',
    answer: anchors,
    hasETag: true,
    async handle({ isTrusted }) {
      const all = await api.chainReader.anchors()
      return isTrusted ? all : { ...all, anchors: withoutRefusals(all.anchors) }
    },
  })
  addRoute(app, {
    method: 'GET',
    path: '/anchors/:period/published',
    id: 'getPublished',
    tag: 'chain',
    summary: 'Everything a validator recomputes a settlement from; no meter is named in it',
    access: 'validator',
    params: periodParams,
    answer: published,
    async handle({ params }) {
      const record = await api.events.settlementOf(params.period)
      if (!record) throw new NoSettlementError({ settlementNumber: params.period })
      return { ...record.published }
    },
  })
  addRoute(app, {
    method: 'POST',
    path: '/anchors/:period/verdicts',
    id: 'addVerdict',
    problems: ['verdict'],
    tag: 'chain',
    summary: "Keeps a validator's signature or refusal",
    access: 'validator',
    params: periodParams,
    body: verdictBody,
    answer: verdictKept,
    async handle({ params: { period: settlementNumber }, body }) {
      const validator = body.validator as Address
      const signature = (body.signature?.toLowerCase() ?? null) as Hex32 | null
      await api.commands.addVerdict({
        period: settlementNumber,
        validator,
        signature,
        refusal: body.refusal,
      })
      return { period: settlementNumber, validator }
    },
  })
}
