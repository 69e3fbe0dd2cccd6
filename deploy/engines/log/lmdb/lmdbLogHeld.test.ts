import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LogHeldError } from '../../../../schemas/errors/log.ts'
import { typeScriptArgs } from '../../../process/runtime.ts'
import { openLmdbLog } from './lmdbLog.ts'

test('an append is refused while a stopped process keeps the log, and is not in it', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-held-'))
  const log = await openLmdbLog({ dir, partitions: { 'readings.v1': 1 } })
  const file = path.join(import.meta.dirname, '../../../testing/log/lmdbGateHolder.ts')
  const holder = spawn(process.execPath, [...typeScriptArgs, file, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(holder, 'exit')
  await once(holder.stdout!, 'data')
  holder.kill('SIGSTOP')
  const append = (name: string) => {
    const value = new TextEncoder().encode(name)
    return log.append('readings.v1', 0, [{ key: new Uint8Array(), value }])
  }
  await expect(Promise.all([append('a'), append('b')])).rejects.toThrow(LogHeldError)
  await expect(append('c')).rejects.toThrow(
    "Another process has held the log's write lock for 1.5 s.",
  )
  // What has no sender behind it waits.
  const committed = log.commit('speed', { topic: 'readings.v1', partition: 0, offset: 0 })

  // As the supervisor does: the kernel gives the lock back.
  holder.kill('SIGKILL')
  await gone
  await committed
  expect(await append('d')).toBe(0)
  const records = await log.read({ topic: 'readings.v1', partition: 0, offset: 0 }, 10)
  expect(records.map(({ value }) => new TextDecoder().decode(value))).toEqual(['d'])
  await log.close()
})
