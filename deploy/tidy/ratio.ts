import { rooms, type Source } from './source.ts'

/** Lines of tests and of source, by folder; generated files such as ABIs are neither. */
export type RoomRatio = {
  readonly room: string
  readonly sourceLines: number
  readonly testLines: number
}

export function ratioByRoom(sources: readonly Source[]): RoomRatio[] {
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
