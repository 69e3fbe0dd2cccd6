/** The first and the last date that ClickHouse's `Date` takes: days since 1970 in 16 bits. */
export const storedDates = { first: '1970-01-01', last: '2149-06-06' } as const

export function isStoredDate(date: string): boolean {
  return storedDates.first <= date && date <= storedDates.last
}
