type Row = { readonly line: number; readonly cells: readonly string[] }

/**
 * The header of a table whose rows begin with their numbers, which have no name, as R writes it
 * (`write.table` with row names): one cell fewer than each row, and `1`, `2`, `3` in front of them.
 */
export function withRowNames(header: Row, rows: readonly Row[]): readonly string[] {
  const { cells } = header
  const below = rows.filter(({ line }) => line > header.line)
  const isNumbered = below.every((row, at) => {
    return row.cells.length === cells.length + 1 && row.cells[0]?.trim() === String(at + 1)
  })
  return below.length > 0 && isNumbered ? ['', ...cells] : cells
}
