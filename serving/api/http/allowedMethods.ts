import type { FastifyInstance } from 'fastify'

/**
 * Tells which methods the API's routes have at a path; none where there is nothing. To be called
 * before any route is added.
 */
export function followMethods(app: FastifyInstance): (path: string) => string[] {
  const methodsByRoute = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    // The pages' route takes any name, so that what it does not have is not found.
    if (!url.startsWith('/api/')) return
    const methods = methodsByRoute.get(url) ?? new Set()
    methodsByRoute.set(url, methods)
    for (const each of [method].flat()) methods.add(each)
  })
  return (path) => {
    const found = [...methodsByRoute].filter(([route]) => isAt(route, path))
    return [...new Set(found.flatMap(([, methods]) => [...methods]))].sort()
  }
}

function isAt(route: string, path: string): boolean {
  const given = path.split('/')
  const parts = route.split('/')
  if (parts.length !== given.length) return false
  return parts.every((part, at) => part === given[at] || (part.startsWith(':') && given[at] !== ''))
}
