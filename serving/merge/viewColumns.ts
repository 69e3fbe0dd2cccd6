import type { Column } from '../shapes/views.ts'

/** A column of an answer and where it comes from. */
export type SourceColumn = Column & {
  readonly source: string
  /** May reveal a single meter: null without the token. */
  readonly isPrivate?: true
}

export const text = columnOf('text', null)
export const instant = columnOf('instant', null)
export const flag = columnOf('boolean', null)
export const mwh = columnOf('integer', 'mWh')
export const micros = columnOf('integer', 'micros')
export const count = columnOf('integer', null)
export const seconds = columnOf('integer', 's')
export const watts = columnOf('number', 'W')
export const wattHours = columnOf('number', 'Wh')
export const ratio = columnOf('number', null)

function columnOf(kind: Column['kind'], unit: string | null) {
  return (name: string, source: string, about: string): SourceColumn => {
    return { name, source, kind, unit, isNullable: false, about }
  }
}

export function nullable(column: SourceColumn): SourceColumn {
  return { ...column, isNullable: true }
}

export function secret(column: SourceColumn): SourceColumn {
  return { ...column, isNullable: true, isPrivate: true }
}
