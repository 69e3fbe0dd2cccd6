import type { Refusal } from '../refusal.ts'

/** `nem12` is CSV whose records have a type each: it is read as rows of intervals. */
export type TableFormat = 'csv' | 'nem12' | 'json' | 'ndjson' | 'xlsx' | 'espi-xml'

/** What a profile or a flag says about a file; what is absent is detected, with evidence. */
export type TableProfile = {
  readonly format?: TableFormat
  /** A label such as `utf-8`, `utf-16le`, `windows-1252` or `iso-8859-15`. */
  readonly encoding?: string
  /** One ASCII character; `tab` is one too. */
  readonly delimiter?: string
  /** Line of the file, from 1; 0 where the table has no header. */
  readonly headerRow?: number
  /** Name of the sheet of a workbook. */
  readonly sheet?: string
}

/** How a field of the profile was found, for a person to check. */
export type Evidence = { readonly field: string; readonly value: string; readonly why: string }

/** A row as unquoted text, a cell for each name of the header. */
export type TableRow = {
  /**
   * Line of the file on which the row begins, from 1, header and blank lines counted. Of a
   * workbook it is the row of the sheet, of JSON the element from 1, of XML its element's line.
   */
  readonly line: number
  readonly cells: readonly string[]
  /** The bytes of the row as they are in the file, without its line end. */
  readonly original: Uint8Array
}

/** A row that has no cells to read: all others are still read. */
export type TableRefusal = Refusal & { readonly line: number; readonly original: Uint8Array }

export type Table = {
  readonly format: TableFormat
  readonly encoding: string
  /** Null where nothing is separated: one column, or no CSV. */
  readonly delimiter: string | null
  /** Null where no line names the columns. */
  readonly headerLine: number | null
  /** Names of the columns; `column 1`, `column 2` and so on where no line names them. */
  readonly header: readonly string[]
  readonly evidence: readonly Evidence[]
  /** What is above the header, such as an account and its meter. */
  readonly preamble: readonly TableRow[]
  /** Read while iterating: memory does not grow with the file. Each call begins again. */
  rows(): Iterable<TableRow | TableRefusal>
}

export function isTableRefusal(row: TableRow | TableRefusal): row is TableRefusal {
  return 'reason' in row
}
