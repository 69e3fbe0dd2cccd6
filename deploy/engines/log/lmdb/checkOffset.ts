import { OffsetError } from '../../../../schemas/errors/log.ts'

/** @throws OffsetError unless it is a whole number that a double holds exactly. */
export function checkOffset(offset: number): void {
  const isOffset = Number.isSafeInteger(offset) && offset >= 0
  if (!isOffset) throw new OffsetError({ offset })
}
