import type { ParametersOfTypes, Query } from '../defineQuery.ts'
import { deviationQueries } from './deviations.ts'
import { eventQueries } from './events.ts'
import { generationQueries } from './generations.ts'
import { ingestQueries } from './ingest.ts'
import { meterQueries } from './meters.ts'
import { readingQueries } from './readings.ts'
import { registerQueries } from './registers.ts'
import { rosterQueries } from './rosters.ts'
import { settlementQueries } from './settlements.ts'
import { storeQueries } from './store.ts'

/** Every named query by the name of its file in `queries/`. */
export const catalogue = {
  ...deviationQueries,
  ...eventQueries,
  ...generationQueries,
  ...ingestQueries,
  ...meterQueries,
  ...readingQueries,
  ...registerQueries,
  ...rosterQueries,
  ...settlementQueries,
  ...storeQueries,
} satisfies Readonly<Record<string, Query>>

type Catalogue = typeof catalogue
export type QueryName = keyof Catalogue
/** Parameters of `views.query(NAME, …)`. */
export type ParametersOf<Name extends QueryName> = ParametersOfTypes<Catalogue[Name]['parameters']>
/** One row of the result of `views.query(NAME, …)`. */
export type RowOf<Name extends QueryName> = ReturnType<Catalogue[Name]['decode']>
