import fs from 'node:fs'
import path from 'node:path'
import { type Check, listFiles, projectRoot } from './source.ts'

/** Every folder has a README that explains it in thirty seconds. */
export const readmes: Check = (sources) =>
  [...new Set(sources.map((each) => each.folder))]
    .filter((each) => !fs.existsSync(path.join(projectRoot, each, 'README.md')))
    .map((each) => `${each}:1: error: has no README.md`)

/** A README with a table names all that is in its folder; none names a file that is gone. */
export const readmesFitTheTree: Check = () => {
  const files = listFiles(/./)
  return files
    .filter((each) => each.endsWith('/README.md'))
    .flatMap((file) => {
      const text = fs.readFileSync(path.join(projectRoot, file), 'utf8')
      return [...unnamed({ file, text }, files), ...gone({ file, text }, files)]
    })
}

type Readme = { readonly file: string; readonly text: string }

/** Files and folders beside a README with a table that it does not name; tests go unnamed. */
export function unnamed({ file, text }: Readme, files: readonly string[]): string[] {
  if (!/^\|/m.test(text)) return []
  const folder = `${path.posix.dirname(file)}/`
  const entries = files
    .filter((each) => each.startsWith(folder) && !/README\.md$|\.(test|bench)\.tsx?$/.test(each))
    .map((each) => each.slice(folder.length).split('/')[0] ?? '')
  return [...new Set(entries)]
    .filter((each) => !new RegExp(`\\b${each.replace(/\.\w+$/, '')}\\b`).test(text))
    .map((each) => `${file}:1: error: does not name ${each}`)
}

/** Sources in code spans that no path of the project ends with. */
export function gone({ file, text }: Readme, files: readonly string[]): string[] {
  return (
    [...text.matchAll(/`(?:\.{1,2}\/)*([\w./-]+\.tsx?)`/g)]
      .map(([, name = '']) => name)
      // Capitals mean any name.
      .filter((name) => !/\b[A-Z]{3,}\b/.test(name))
      .filter((name) => !files.some((each) => `/${each}`.endsWith(`/${name}`)))
      .map((name) => `${file}:1: error: names ${name}, which does not exist`)
  )
}
