import { readFileSync } from 'node:fs'
import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'

/**
 * A process to kill: it appends endlessly to partition 0 and prints what was
 * acknowledged. Run by the tests of `lmdbLog.ts` only.
 *
 * Arguments: folder, name. One line per append: `NAME FIRST COUNT OFFSET`, records FIRST … of the
 * name at OFFSET …; numbering continues from stdin, a file.
 */
const [dir = '', name = ''] = process.argv.slice(2)
const sizes = [1, 7, 20]

const log = await openLmdbLog({ dir, partitions: { 'readings.v1': 2 } })
let next = Number(readFileSync(0, 'utf8'))
for (let round = 0; ; round++) {
  const count = sizes[round % sizes.length]!
  const records = Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(name),
    value: Buffer.from(JSON.stringify({ name, first: next, count, index })),
  }))
  const offset = await log.append('readings.v1', 0, records)
  process.stdout.write(`${name} ${next} ${count} ${offset}\n`)
  next += count
}
