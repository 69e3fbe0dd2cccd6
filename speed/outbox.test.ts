import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ViewsUnreachableError } from '../schemas/errors/views.ts'
import type { Log } from '../schemas/ports/log.ts'
import type { Views } from '../schemas/ports/views.ts'
import { publish } from './outbox.ts'

const row = { start: 0, version: 0, group_id: 'G', duration_s: 60 }
const usual = { ...row, meter: 'usual', energy_mwh: 1, is_exception: false, is_missing: true }

test('a refused publication is over once its other inserts are', async () => {
  const stored: string[] = []
  const refused = new ViewsUnreachableError({ what: 'insert', reason: 'refused' }, null)
  const insert = async (rowSet: string) => {
    if (rowSet === 'speed_group') throw refused
    await sleep(20)
    stored.push(rowSet)
  }
  const shell = { views: { insert } as unknown as Views, log: {} as Log }
  const nowhere = { committed: [], share: new Map() }
  const watermarks = [{ log_partition: 0, version: 0, watermark: 0, held_from: null }]
  const groups = [{ ...row, members: 0, load_w: 0 }]
  await expect(publish(shell, { groups, deviations: [usual], watermarks }, nowhere)).rejects.toBe(
    refused,
  )
  // Tried again before it is, the store would take the same rows twice at one time.
  expect(stored).toEqual(['speed_deviation'])
})

test('of many rows the exceptions are stored before the others begin', async () => {
  const inserts: string[] = []
  const insert = async (rowSet: string, rows: readonly { readonly meter: string }[]) => {
    inserts.push(`${rowSet} of ${rows.length} begins`)
    await sleep(1)
    inserts.push(`${rowSet} of ${rows.length} is stored`)
  }
  const shell = { views: { insert } as unknown as Views, log: {} as Log }
  const exception = { ...usual, is_exception: true }
  const given = { exceptions: [exception], deviations: [usual, exception] }
  await publish(shell, given, { committed: [], share: new Map() })
  const order = ['speed_deviation of 1', 'speed_deviation of 2']
  expect(inserts).toEqual(order.flatMap((each) => [`${each} begins`, `${each} is stored`]))
})
