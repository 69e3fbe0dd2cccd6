import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { exceptionRows } from '../publish/speedRows.ts'
import { liveRows } from '../testing/publishedRows.ts'
import { advanceChanges } from './advanceChanges.ts'
import { exceptionsOf } from './deviationBlock.ts'
import { processRecords } from './processRecords.ts'
import { createSpeedState, setBaselines } from './speedState.ts'

const startMs = Date.UTC(2013, 1, 11)
const meters = Array.from({ length: 20_100 }, (_, at) => aMeter({ meter: `m${at}`, group: 'G' }))
const options = { ...deviationDefaults, latenessS: 3_600, cellsMax: 4_000_000, bandWh: 500 }

test('a block grows to any length; exceptions are the rows of it that left the band', () => {
  const { state, deviations } = publish(20_100)
  const rows = liveRows(state, deviations)
  // A baseline of 1 kWh each, and every hundredth meter takes 2.
  expect(rows.map(({ meter }) => meter)).toEqual(meters.map(({ meter }) => meter))
  const wanted = rows.filter((_, at) => at % 100 === 7)
  expect(wanted.every((row) => row.is_exception && row.rolling_wh === 1_000)).toBe(true)
  expect(rows.filter((row) => row.is_exception)).toEqual(wanted)
  expect(liveRows(state, exceptionsOf(deviations))).toEqual(wanted)
  expect(exceptionRows(state, deviations).rows).toBe(201)
})

test('of few rows, which go first, the exceptions need no insert of their own', () => {
  const { state, deviations } = publish(20_000)
  expect(liveRows(state, deviations).filter((row) => row.is_exception)).toHaveLength(200)
  expect(exceptionRows(state, deviations).rows).toBe(0)
})

function publish(count: number) {
  const basis = { generation: 1, revision: 0, highWaterMs: startMs, partitions: 1, options }
  const state = createSpeedState({ ...basis, meters })
  const slot = { startMs, durationS: 1_800, baselineMwh: 1_000_000, sigmaW: 100 }
  setBaselines(
    state,
    meters.map(({ meter }) => ({ ...slot, meter })),
  )
  const readings = meters.slice(0, count).map(({ meter }, at) => {
    const taken = energyMwh(at % 100 === 7 ? 2_000_000 : 1_000_000)
    return aReading({ meter, startMs, durationS: 1_800, energyMwh: taken })
  })
  const at = { partition: 0, offset: 0, loggedMs: 0, act: null, isFrame: true }
  const record = { ...at, columns: columnsOf(readings) }
  return { state, ...advanceChanges(state, processRecords(state, [record]).changes) }
}
