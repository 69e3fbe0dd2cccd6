import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogGate } from './logGate.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'log-gate-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('waiters are refused when the gate closes', async () => {
  const gate = openLogGate(dir)
  let leave: (() => void) | null = null
  const first = gate.pass(() => new Promise<void>((resolve) => (leave = resolve)))
  await expect.poll(() => leave, { interval: 5 }).not.toBeNull()
  const second = gate.pass(async () => 'inside')
  const closed = gate.close()
  leave!()

  await first
  await expect(second).rejects.toThrow('closed')
  await expect(gate.pass(async () => 'inside')).rejects.toThrow('closed')
  await closed
})

test('a failure inside affects only its caller, and at once', async () => {
  const gate = openLogGate(dir)
  const visits = [
    gate.pass(() => {
      throw new Error('thrown')
    }),
    gate.pass(() => Promise.reject(new Error('rejected'))),
    gate.pass(async () => 'done'),
  ]

  const reasons = (await Promise.allSettled(visits)).map((each) =>
    each.status === 'fulfilled' ? each.value : String(each.reason),
  )
  expect(reasons).toEqual(['Error: thrown', 'Error: rejected', 'done'])
  expect(await gate.pass(async () => 'again')).toBe('again')
  await gate.close()
})

test('no process listener is left once nobody is inside', async () => {
  const count = () =>
    ['exit', 'uncaughtExceptionMonitor'].map((name) => process.listenerCount(name))
  const gate = openLogGate(dir)
  const before = count()
  await Promise.all([1, 2, 3].map((visit) => gate.pass(async () => visit)))
  await expect.poll(count, { interval: 5 }).toEqual(before)
  await gate.close()
})
