/** Splits after the record that fills a chunk, so that inserts have a similar size. */
export function chunkRecords<T extends { readonly columns: { readonly rows: number } }>(
  records: readonly T[],
  rowsMax: number,
): T[][] {
  const chunks: T[][] = []
  let rows = rowsMax
  for (const record of records) {
    if (rows >= rowsMax) {
      chunks.push([])
      rows = 0
    }
    chunks.at(-1)?.push(record)
    rows += record.columns.rows
  }
  return chunks
}

const recordsMaxLast = 2_000

/** Frames have 1 to 20,000 readings; read as many as fill one insert. */
export function recordsFor(rowsMax: number, readingsPerRecord: number): number {
  const wanted = Math.ceil(rowsMax / Math.max(readingsPerRecord, 1))
  return Math.min(Math.max(wanted, 1), recordsMaxLast)
}
