import type { Notices } from '../../../schemas/ports/notices.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import type { RowSetName } from '../../../schemas/sql/rowSets.ts'

/** Row sets that others wait for and that change seldom, unlike the rows of each micro-batch. */
const announced: ReadonlySet<RowSetName> = new Set(['generations', 'meters', 'events'])

/** The same views; an insert that others wait for is announced once it is visible to them. */
export function announceInserts(views: Views, notices: Pick<Notices, 'announce'>): Views {
  return {
    ...views,
    async insert(rowSet, rows, options) {
      await views.insert(rowSet, rows, options)
      if (announced.has(rowSet)) notices.announce()
    },
  }
}
