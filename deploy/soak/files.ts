import fs from 'node:fs'
import path from 'node:path'

const projectRoot = path.resolve(import.meta.dirname, '../..')
const rooms = ['schemas', 'speed', 'batch', 'serving', 'deploy']
const hasProperty = /from 'fast-check'/
const isOfSoak = /\.soak\.test\.ts$/
const startsEngines = /\bdescribe(Log|Views)\(|inject\('isSoak'\)/

export type SoakFiles = {
  /** They measure or kill real engines, and want the machine for themselves. */
  readonly alone: string[]
  /** Properties only: they compute, so each core takes one. */
  readonly computing: string[]
}

/** The tests that a soak runs: with a property, that ask whether it is one, or of no other run. */
export function listSoakFiles(): SoakFiles {
  const sources = rooms
    .flatMap((room) =>
      fs
        .readdirSync(path.join(projectRoot, room), { recursive: true, encoding: 'utf8' })
        .map((each) => `${room}/${each.replaceAll(path.sep, '/')}`),
    )
    .filter((each) => /\.test\.tsx?$/.test(each))
    .sort()
    .map((name) => ({ name, text: fs.readFileSync(path.join(projectRoot, name), 'utf8') }))
  return {
    alone: sources
      .filter(({ name, text }) => isOfSoak.test(name) || startsEngines.test(text))
      .map(({ name }) => name),
    computing: sources
      .filter(({ text }) => hasProperty.test(text) && !startsEngines.test(text))
      .map(({ name }) => name),
  }
}
