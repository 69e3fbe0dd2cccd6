/** A number and what is counted, as a sentence has it: `1 cell`, `2 cells`, `0 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
