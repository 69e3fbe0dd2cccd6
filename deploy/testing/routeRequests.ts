/** A route of the OpenAPI document, with a path that fits its shapes. */
export type Route = { readonly method: 'GET' | 'POST'; readonly path: string }

type Document = { readonly paths?: Readonly<Record<string, object | undefined>> }

/** Every route of a document. */
export function listRoutes({ paths = {} }: Document): Route[] {
  return Object.entries(paths).flatMap(([path, methods = {}]) => {
    return Object.keys(methods).map((method): Route => {
      const filled = path
        .replace('{period}', '1')
        .replace('/models/{id}', `/models/${'0'.repeat(64)}`)
        .replace('/views/{name}', '/views/group')
        .replace(/\{\w+\}/g, 'a')
      return { method: method === 'post' ? 'POST' : 'GET', path: filled }
    })
  })
}

const terms = {
  ...{ baselineMethod: 'caiso-10-in-10', orderPpm: 100_000, commitLeadS: 0, latenessS: 0 },
  ...{ priceMicrosPerKwh: '1', penaltyMicrosPerKwh: '1' },
}
const draft = { id: 'a', start: '2013-02-11T17:00Z', end: '2013-02-11T18:00Z', terms }
const meter = { meter: 'A', zone: 'Europe/London', group: 'G', intervalS: 1800 }
const row = { meter: 'A', start: '2013-02-11T17:00Z', duration_s: 1800, energy_wh: 1 }
const refusedCell = {
  ...{ line: 1, column: 'energy_wh', value: 'x', reason: 'not-a-number', detail: 'x' },
  ...{ readAs: '', originalBase64: '' },
}
const bodies: Readonly<Record<string, unknown>> = {
  '/api/v1/readings': [row],
  '/api/v1/readings/comparison': [row],
  '/api/v1/rejected': [refusedCell],
  '/api/v1/meters': [meter],
  '/api/v1/groups': [{ group: 'feeder:F', parent: 'substation:S' }],
  '/api/v1/points': [{ site: 'A', programme: 'p', quantity: 'net' }],
  '/api/v1/occupancies': [{ site: 'A', account: null }],
  '/api/v1/sources/a/rank': { rank: 1 },
  '/api/v1/events': { ...draft, participants: ['A'] },
  '/api/v1/jobs': { name: 'recompute', highWater: '2013-02-11T00:00Z' },
  '/api/v1/anchors/1/verdicts': {
    validator: `0x${'1'.repeat(40)}`,
    signature: `0x${'1'.repeat(130)}`,
  },
}

/** A small body that its route takes, or refuses for what it asks and not for its shape. */
export function bodyOf({ method, path }: Route): string | null {
  return method === 'POST' ? JSON.stringify(bodies[path] ?? {}) : null
}
