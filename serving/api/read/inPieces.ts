import { setImmediate as othersRun } from 'node:timers/promises'

/** So few rows that others wait for some milliseconds at most. */
const pieceRows = 1_000

export function* piecesOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += pieceRows) yield rows.slice(from, from + pieceRows)
}

export function* mapPieces<T, U>(rows: readonly T[], map: (row: T) => U): Generator<U[]> {
  for (const piece of piecesOf(rows)) yield piece.map(map)
}

/** All results of a generator, each computed in a turn of its own: between them others run. */
export async function inTurns<T>(results: Iterable<T>): Promise<T[]> {
  const all: T[] = []
  for (const each of results) {
    all.push(each)
    await othersRun()
  }
  return all
}
