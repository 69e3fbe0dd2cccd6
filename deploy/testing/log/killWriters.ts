import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { LogRecord } from '../../../schemas/logRecord.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'
import { testProgramArgs } from '../engineArgs.ts'

/** One acknowledged append of a writer process. */
type Acknowledged = { name: string; first: number; count: number; offset: number }
type Written = { name: string; first: number; count: number; index: number }

export type KillWritersReturnType = {
  readonly acknowledged: number
  readonly records: number
  /** Sentences about everything that breaks the log's promise. */
  readonly broken: readonly string[]
}

/**
 * Runs two writer processes on one partition, kills them with SIGKILL repeatedly, and checks
 * what they left: every acknowledged append at its offset, every append whole, no gap.
 */
export async function killWriters(dir: string, rounds: number): Promise<KillWritersReturnType> {
  const acknowledged: Acknowledged[] = []
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      ['A', 'B'].map((name, index) =>
        runAndKill({ dir, name, first: round * 1_000_000, acknowledged, pauseMs: 20 + index * 37 }),
      ),
    )
  }
  const log = await openLmdbLog({ dir, partitions: { 'readings.v1': 2 } })
  const records = await readAll(log)
  await log.close()
  const broken = [...checkAcknowledged(records, acknowledged), ...checkWhole(records)]
  return { acknowledged: acknowledged.length, records: records.length, broken }
}

/** Every record of partition 0, in the order read. */
export async function readAll(log: Log): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (let offset = 0; ; ) {
    const more = await log.read({ topic: 'readings.v1', partition: 0, offset }, 10_000)
    const last = more.at(-1)
    if (!last) return records
    records.push(...more)
    offset = last.position.offset + 1
  }
}

/** Starts a writer; the records of its appends are numbered from `first`. */
export async function startWriter(dir: string, name: string, first: number) {
  const program = await testProgramArgs('deploy/testing/log/lmdbLogWriter.ts')
  const child = spawn(process.execPath, [...program, dir, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin?.end(String(first))
  return child
}

/** Runs a writer until some appends are acknowledged, and a moment longer. */
async function runAndKill(options: {
  dir: string
  name: string
  first: number
  acknowledged: Acknowledged[]
  pauseMs: number
}): Promise<void> {
  const child = await startWriter(options.dir, options.name, options.first)
  const gone = new Promise((resolve) => child.once('close', resolve))
  let lines = 0
  for await (const line of createInterface({ input: child.stdout! })) {
    options.acknowledged.push(parseLine(line))
    if (++lines === 5) setTimeout(() => child.kill('SIGKILL'), options.pauseMs)
  }
  await gone
}

function parseLine(line: string): Acknowledged {
  const [name = '', first, count, offset] = line.split(' ')
  return { name, first: Number(first), count: Number(count), offset: Number(offset) }
}

function checkAcknowledged(records: readonly LogRecord[], all: readonly Acknowledged[]): string[] {
  return all.flatMap(({ name, first, count, offset }) => {
    const block = records.slice(offset, offset + count).map(parseRecord)
    const isThere =
      block.length === count &&
      block.every((each, index) => {
        return each.name === name && each.first === first && each.index === index
      })
    return isThere ? [] : [`${name} ${first} was acknowledged at ${offset} and is missing`]
  })
}

/** Offsets rise by one, and every append is complete and contiguous. */
function checkWhole(records: readonly LogRecord[]): string[] {
  const broken: string[] = []
  let expected: Written | null = null
  records.forEach((record, at) => {
    const written = parseRecord(record)
    if (record.position.offset !== at) broken.push(`offset ${record.position.offset} at ${at}`)
    const isNext = expected ? isSame(written, expected) : written.index === 0
    if (!isNext) broken.push(`an append is torn at ${at}`)
    const isLast = written.index === written.count - 1
    expected = isLast ? null : { ...written, index: written.index + 1 }
  })
  if (expected) broken.push('the last append is torn')
  return broken
}

function isSame(left: Written, right: Written): boolean {
  return left.name === right.name && left.first === right.first && left.index === right.index
}

function parseRecord(record: LogRecord): Written {
  return JSON.parse(new TextDecoder().decode(record.value)) as Written
}
