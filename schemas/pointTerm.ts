import type { MeterId } from './ids.ts'

/** One meter of a settlement point, added (1) or subtracted (-1). */
export type PointTerm = { readonly meter: MeterId; readonly sign: 1 | -1 }
