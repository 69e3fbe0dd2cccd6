import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { networkOf } from '../../../schemas/networkOf.ts'
import { onceClosed } from '../../../schemas/onceClosed.ts'
import { type StreamTopic, streamTopics } from '../../shapes/stream.ts'
import { addRoute, sent } from '../http/addRoute.ts'
import type { Follower } from '../stream/followUpdates.ts'
import type { StreamHub } from '../stream/streamHub.ts'

const streamType = 'text/event-stream; charset=utf-8'

const topicsQuery = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(streamTopics as [StreamTopic, ...StreamTopic[]])))

/** `/stream`: server-sent events. */
export function addStreamRoute(
  app: FastifyInstance,
  { hub, follower }: { hub: StreamHub; follower: Follower },
): void {
  addRoute(app, {
    method: 'GET',
    path: '/stream',
    isCheap: true,
    isEndless: true,
    id: 'followStream',
    tag: 'views',
    summary:
      'Live: status, deviations, exceptions, events, anchors; single meters with the token, ' +
      'without it a few minutes at a time: reconnect with the last id',
    access: 'either',
    query: z.strictObject({ topics: topicsQuery.optional() }),
    answer: z.string(),
    produces: ['text/event-stream'],
    handle({ query, isTrusted, request, reply }) {
      const given = request.headers['last-event-id']
      const lastEventId = typeof given === 'string' && given.length <= 64 ? given : null
      const address = networkOf(request.ip)
      const stream = hub.connect({ isTrusted, address, lastEventId, topics: query.topics ?? [] })
      // Whatever becomes of the answer, the place is free again.
      onceClosed(request.socket, reply.raw, () => void stream.destroy())
      follower.wake()
      void reply
        .type(streamType)
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
      void reply.send(stream)
      return sent
    },
  })
}
