import fs from 'node:fs'
import path from 'node:path'
import { listFiles, projectRoot } from './source.ts'

const linesMax = 400

export type Style = { readonly path: string; readonly text: string }

export function readStyles(): Style[] {
  return listFiles(/\.css$/).map((each) => ({
    path: each,
    text: fs.readFileSync(path.join(projectRoot, each), 'utf8'),
  }))
}

/** A style sheet covers one screen or one part: 400 lines at most. */
export function longStyles(styles: readonly Style[]): string[] {
  return styles.flatMap(({ path: file, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    return lines > linesMax ? [`${file}:1: error: ${lines} lines: at most ${linesMax}`] : []
  })
}
