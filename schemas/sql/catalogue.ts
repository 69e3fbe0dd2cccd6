import { deviationQueries } from './catalogue/deviations.ts'
import { eventQueries } from './catalogue/events.ts'
import { generationQueries } from './catalogue/generations.ts'
import { ingestQueries } from './catalogue/ingest.ts'
import { meterQueries } from './catalogue/meters.ts'
import { readingQueries } from './catalogue/readings.ts'
import { settlementQueries } from './catalogue/settlements.ts'
import { storeQueries } from './catalogue/store.ts'
import type { ParametersOfTypes, Query } from './defineQuery.ts'

/** Every named query by the name of its file in `queries/`. */
export const catalogue = {
  ...deviationQueries,
  ...eventQueries,
  ...generationQueries,
  ...ingestQueries,
  ...meterQueries,
  ...readingQueries,
  ...settlementQueries,
  ...storeQueries,
} satisfies Readonly<Record<string, Query>>

type Catalogue = typeof catalogue
export type QueryName = keyof Catalogue
/** Parameters of `views.query(NAME, …)`. */
export type ParametersOf<Name extends QueryName> = ParametersOfTypes<Catalogue[Name]['parameters']>
/** One row of the result of `views.query(NAME, …)`. */
export type RowOf<Name extends QueryName> = ReturnType<Catalogue[Name]['decode']>
