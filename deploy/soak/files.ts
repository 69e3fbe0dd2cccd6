import fs from 'node:fs'
import path from 'node:path'

const projectRoot = path.resolve(import.meta.dirname, '../..')
const rooms = ['schemas', 'speed', 'batch', 'serving', 'deploy']
const takesPart = /from 'fast-check'|\bdescribe(Log|Views)\(|inject\('isSoak'\)/

/** The tests that a soak runs: those with a property, and those that ask whether it is one. */
export function listSoakFiles(): string[] {
  return rooms
    .flatMap((room) =>
      fs
        .readdirSync(path.join(projectRoot, room), { recursive: true, encoding: 'utf8' })
        .map((each) => `${room}/${each.replaceAll(path.sep, '/')}`),
    )
    .filter((each) => /\.test\.tsx?$/.test(each))
    .filter((each) => takesPart.test(fs.readFileSync(path.join(projectRoot, each), 'utf8')))
    .sort()
}
