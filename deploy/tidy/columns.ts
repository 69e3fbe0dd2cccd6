import type { Check } from './source.ts'

const columnsMax = 100

/** A line fits in 100 columns; a web address may not. */
export const columns: Check = (sources) =>
  sources.flatMap(({ path, lines }) => {
    // contracts/script/abi.mjs writes one entry per line.
    if (path.startsWith('contracts/abi/')) return []
    return lines.flatMap((line, index) =>
      line.length > columnsMax && !line.includes('http')
        ? [`${path}:${index + 1}: error: ${line.length} columns: at most ${columnsMax}`]
        : [],
    )
  })
