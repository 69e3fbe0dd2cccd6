import fs from 'node:fs'
import path from 'node:path'
import { listFiles, projectRoot, rooms, type Source } from './source.ts'

type Counted = Pick<Source, 'folder' | 'room' | 'isTest' | 'lines'>

/** Lines of tests and of source, by folder; generated files such as ABIs are neither. */
export type RoomRatio = {
  readonly room: string
  readonly sourceLines: number
  readonly testLines: number
}

/** Contracts and their tests, which no check parses. */
export function readSolidity(): Counted[] {
  return listFiles(/\.sol$/).map((file) => {
    const text = fs.readFileSync(path.join(projectRoot, file), 'utf8')
    const isTest = file.startsWith('contracts/test/')
    const folder = path.posix.dirname(file)
    return { folder, room: 'contracts', isTest, lines: text.replace(/\n$/, '').split('\n') }
  })
}

export function ratioByRoom(sources: readonly Counted[]): RoomRatio[] {
  const written = sources.filter((each) => each.folder !== 'contracts/abi')
  return rooms.map((room) => {
    const here = written.filter((each) => each.room === room)
    const count = (isTest: boolean) =>
      here
        .filter((each) => each.isTest === isTest)
        .reduce((sum, each) => sum + each.lines.length, 0)
    return { room, sourceLines: count(false), testLines: count(true) }
  })
}

/** One line per folder: `speed 1.02 : 1 (3,030 lines of tests, 2,970 of source)`. */
export function printRatio(ratios: readonly RoomRatio[]): string[] {
  const total = ratios.reduce(
    (sum, each) => ({
      room: 'all',
      sourceLines: sum.sourceLines + each.sourceLines,
      testLines: sum.testLines + each.testLines,
    }),
    { room: 'all', sourceLines: 0, testLines: 0 },
  )
  return [...ratios, total].map(({ room, sourceLines, testLines }) => {
    const ratio = sourceLines > 0 ? (testLines / sourceLines).toFixed(2) : '-'
    const lines = `${testLines} lines of tests, ${sourceLines} of source`
    return `${room.padEnd(10)} ${ratio} : 1  (${lines})`
  })
}
