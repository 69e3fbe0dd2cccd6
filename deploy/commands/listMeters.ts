import type { Meters } from '../../serving/shapes/sites.ts'
import type { ApiClient } from '../client/client.ts'

type Listed = Meters['meters'][number]

const pageMax = 10_000

/** Page after page, up to a limit. */
export async function listAll(
  client: ApiClient,
  filters: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<{ readonly meters: readonly Listed[]; readonly next: string | null }> {
  const meters: Listed[] = []
  for (let after: string | null = null; ; ) {
    const query = new URLSearchParams({ limit: String(Math.min(limit - meters.length, pageMax)) })
    const said = { ...filters, after: after ?? undefined }
    for (const [name, value] of Object.entries(said))
      if (value !== undefined) query.set(name, value)
    const page: Meters = await client.get<Meters>(`/meters?${query}`)
    meters.push(...page.meters)
    after = page.next
    if (after === null || meters.length >= limit) return { meters, next: after }
  }
}

/** Groups that a meter is in now or will be, with their dates. */
export function describeMemberships(groups: Meters['meters'][number]['groups']): string {
  const open = groups.filter(({ until }) => until === null || Date.parse(until) > Date.now())
  return open
    .map(({ group, from }) => (from === null ? group : `${group} (${from.slice(0, 10)})`))
    .join(' ')
}
