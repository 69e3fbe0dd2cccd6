import { strToU8, zipSync } from 'fflate'

export type SheetParts = { readonly name: string; readonly rows: string; readonly state?: string }

/** A workbook as a spreadsheet writes it; `rows` is the XML within sheetData. */
export function writeWorkbook(
  sheets: readonly SheetParts[],
  { texts = '', styles = '', is1904 = false, more = {} }: WorkbookParts = {},
): Uint8Array {
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
  const sheet = ({ name, state = 'visible' }: SheetParts, at: number) =>
    `<sheet name="${name}" sheetId="${at + 1}" state="${state}" r:id="rId${at + 1}"/>`
  const relation = (_: SheetParts, at: number) =>
    `<Relationship Id="rId${at + 1}" Target="worksheets/sheet${at + 1}.xml"/>`
  const files: Record<string, string> = {
    'xl/workbook.xml':
      `<workbook ${main} xmlns:r="r"><workbookPr date1904="${is1904 ? 1 : 0}"/>` +
      `<sheets>${sheets.map(sheet).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${sheets.map(relation).join('')}</Relationships>`,
    'xl/sharedStrings.xml': `<sst ${main}>${texts}</sst>`,
    'xl/styles.xml': `<styleSheet ${main}>${styles}</styleSheet>`,
    ...more,
  }
  for (const [at, { rows }] of sheets.entries()) {
    const data = `<worksheet ${main}><sheetData>${rows}</sheetData></worksheet>`
    files[`xl/worksheets/sheet${at + 1}.xml`] = data
  }
  const packed = Object.entries(files).map(([name, text]) => [name, strToU8(text)])
  return zipSync(Object.fromEntries(packed))
}

export type WorkbookParts = {
  readonly texts?: string
  readonly styles?: string
  readonly is1904?: boolean
  /** Further files of the archive. */
  readonly more?: Readonly<Record<string, string>>
}
