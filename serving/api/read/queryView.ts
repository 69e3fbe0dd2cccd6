import type { Given, Views } from '../../../schemas/ports/views.ts'
import { catalogue } from '../../../schemas/sql/catalogue/catalogue.ts'
import type { StoredRow } from '../../merge/toCells.ts'
import type { ViewQuery, ViewValues } from '../../merge/viewCatalogue.ts'

const all: Omit<ViewValues, 'limit'> = {
  from_ms: 0,
  to_ms: 8_640_000_000_000,
  meter: '',
  meters: [],
  group: '',
  event: '',
  revision: 0,
  period: 0,
  reason: '',
}

/** Rows of a view's query, which gets only the values that it takes. */
export async function queryView(
  views: Views,
  name: ViewQuery,
  values: Partial<ViewValues> & Pick<ViewValues, 'limit'>,
): Promise<StoredRow[]> {
  const given = Object.entries({ ...all, ...values })
  const taken = given.filter(([each]) => Object.hasOwn(catalogue[name].parameters, each))
  // `ViewQuery` guarantees that the values contain all parameters of the query.
  return views.query(name, ...([Object.fromEntries(taken)] as unknown as Given<ViewQuery>))
}
