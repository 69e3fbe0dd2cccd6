import type { FastifyContextConfig, FastifySchema } from 'fastify'
import type { ErrorKind } from '../../../schemas/errors/kinds.ts'

/** A route, as Fastify describes it in `onRoute` and in a request. */
export type DescribedRoute = {
  readonly schema?: FastifySchema | undefined
  readonly config?: FastifyContextConfig | undefined
}

// A wrong token is refused on open routes too.
const ofAll = [
  ...(['shape', 'invalid', 'unauthorized', 'misdirected', 'too-many'] as const),
  ...(['busy', 'not-now', 'configuration', 'internal'] as const),
  // Without a Host header.
  'unreadable' as const,
]
const ofBodies = ['too-large', 'media-type'] as const

/** The kinds of problems of a route: those of its shape and guards, and those it declares. */
export function declaredKinds({ schema, config }: DescribedRoute): ReadonlySet<ErrorKind> {
  const kinds = new Set<ErrorKind>([...ofAll, ...(config?.problems ?? [])])
  if (schema?.params) kinds.add('not-found')
  if (schema?.body) for (const kind of ofBodies) kinds.add(kind)
  return kinds
}
