import type { ApiClient } from '../client/client.ts'

/** Of each meter the length of its intervals, s. */
export type MetersFound = ReadonlyMap<string, number>

type Enrolment = {
  readonly meters: MetersFound
  readonly known: Set<string>
  /** Of stamps of the file, and so of its meters. */
  readonly zone: string
  readonly options: { readonly group?: string; readonly account?: string }
}

/** Enrols the meters that are not known yet. */
export async function enrol(client: ApiClient, work: Enrolment): Promise<void> {
  const { meters: found, known, zone, options } = work
  const fresh = new Map([...found].filter(([meter]) => !known.has(meter)))
  for (const meter of fresh.keys()) known.add(meter)
  if (fresh.size === 0) return
  const { groups } = await client.get<{ groups: { meters?: string[] }[] }>('/groups')
  const enrolled = new Set(groups.flatMap((each) => each.meters ?? []))
  const meters = [...fresh]
    .filter(([meter]) => !enrolled.has(meter))
    .map(([meter, intervalS]) => {
      const { group = 'default', account = null } = options
      return { meter, intervalS, zone, group, account }
    })
  if (meters.length > 0) await client.post('/meters', meters)
}
