import type { LogRecord } from '../../schemas/logRecord.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { addAct, decidedBy, emptyActs } from '../../schemas/reading/acts.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import {
  addWord,
  decideAgain,
  emptyWords,
  type IntervalWords,
} from '../../schemas/reading/intervalWords.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { readingsTopic } from '../../schemas/topics.ts'

/** The words of a log that count, in the order of their meters and starts; void ones are none. */
export async function countingWords(log: Log, partitions: number): Promise<Reading[]> {
  const counting: Reading[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const words = new Map<string, IntervalWords>()
    const acts = emptyActs()
    for (const { value, position, loggedMs } of await recordsOf(log, partition)) {
      const { readings, act } = decodeFrame(value)
      if (act) addAct(acts, act)
      if (act) for (const own of words.values()) decideAgain(own, decidedBy(acts))
      for (const [index, reading] of readings.entries()) {
        const key = `${reading.meter} ${reading.startMs}`
        const own = words.get(key) ?? emptyWords()
        words.set(key, own)
        addWord(
          own,
          { reading, loggedMs, partition, offset: position.offset, index },
          decidedBy(acts),
        )
      }
    }
    for (const own of words.values()) {
      if (own.counting && !own.counting.reading.isVoid) counting.push(own.counting.reading)
    }
  }
  return counting.sort((left, right) => {
    return left.meter < right.meter
      ? -1
      : left.meter > right.meter
        ? 1
        : left.startMs - right.startMs
  })
}

async function recordsOf(log: Log, partition: number): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = []
  for (;;) {
    const at = { topic: readingsTopic, partition, offset: records.length }
    const more = await log.read(at, 10_000)
    if (more.length === 0) return records
    records.push(...more)
  }
}
