import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { networkOf } from '../../../schemas/networkOf.ts'
import { onceClosed } from '../../../schemas/onceClosed.ts'
import type { Status } from '../../shapes/status.ts'
import { type StreamTopic, streamTopics } from '../../shapes/stream.ts'
import { addRoute, sent } from '../http/addRoute.ts'
import type { Follower } from '../stream/followUpdates.ts'
import type { StreamHub } from '../stream/streamHub.ts'

const streamType = 'text/event-stream; charset=utf-8'

const topicsQuery = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(streamTopics as [StreamTopic, ...StreamTopic[]])))

type StreamPorts = {
  readonly hub: StreamHub
  readonly follower: Follower
  readonly readStatus: () => Promise<Status>
}

/** `/stream`: server-sent events. */
export function addStreamRoute(
  app: FastifyInstance,
  { hub, follower, readStatus }: StreamPorts,
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
    async handle({ query, isTrusted, request, reply }): Promise<typeof sent> {
      const given = request.headers['last-event-id']
      const lastEventId = typeof given === 'string' && given.length <= 64 ? given : null
      const address = networkOf(request.ip)
      await follower.wake()
      // Sent now, since the loop is silent while nothing changes and rests without clients.
      const status = lastEventId === null ? await readStatus().catch(() => null) : null
      const topics = query.topics ?? []
      const stream = hub.connect({ isTrusted, address, lastEventId, topics, status })
      // Whatever becomes of the answer, the place is free again.
      onceClosed(request.socket, reply.raw, () => void stream.destroy())
      void reply
        .type(streamType)
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
      void reply.send(stream)
      return sent
    },
  })
}
