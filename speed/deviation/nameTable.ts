/** Names as small numbers, so that a cell of typed arrays can hold one. */
export type NameTable = {
  readonly indexOf: (name: string) => number
  readonly nameAt: (index: number) => string
}

export function createNameTable(): NameTable {
  const names: string[] = []
  const indexes = new Map<string, number>()
  return {
    indexOf: (name) => {
      const known = indexes.get(name)
      if (known !== undefined) return known
      indexes.set(name, names.length)
      return names.push(name) - 1
    },
    nameAt: (index) => names[index]!,
  }
}
