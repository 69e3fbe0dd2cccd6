/** A range of rows: half-open. */
export type Rows = { readonly from: number; readonly to: number }

/** A column of one type. */
export type Cells<Column> = {
  readonly type: string
  readonly nullable: boolean
  readonly cells: Column
  /** The row that is looked at, for the error. */
  readonly at: { row: number }
}
