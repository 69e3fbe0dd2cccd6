import type { Check } from './source.ts'

const linesMax = { source: 300, test: 400 }

/** A file has one idea: 300 lines at most, a test 400. */
export const fileLength: Check = (sources) =>
  sources.flatMap(({ path, lines, isTest }) => {
    const most = isTest ? linesMax.test : linesMax.source
    return lines.length > most ? [`${path}:1: error: ${lines.length} lines: at most ${most}`] : []
  })
