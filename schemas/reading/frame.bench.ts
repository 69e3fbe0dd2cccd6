import { bench, describe } from 'vitest'
import { meterId } from '../ids.ts'
import { energyMwh } from '../units.ts'
import { decodeFrame, encodeFrame } from './frame.ts'
import { quality, type Reading } from './reading.ts'
import { stated } from './testing/aReading.ts'

/** A thousand readings on the wire: the frame against JSON. */
const readings: Reading[] = Array.from({ length: 1_000 }, (_, index) => ({
  meter: meterId(`MAC${String(index % 50).padStart(6, '0')}`),
  startMs: 1_360_000_000_000 + 1_800_000 * Math.floor(index / 50),
  durationS: 1_800,
  energyMwh: energyMwh(index * 1_000),
  powerW: null,
  reactiveVar: null,
  quality: quality.measured,
  revision: 0,
  ...stated,
}))
const frame = encodeFrame(readings)
const json = JSON.stringify(readings)

describe('encode 1,000 readings', () => {
  bench('frame', () => {
    encodeFrame(readings)
  })
  bench('JSON', () => {
    JSON.stringify(readings)
  })
})

describe('decode 1,000 readings', () => {
  bench('frame', () => {
    decodeFrame(frame)
  })
  bench('JSON', () => {
    JSON.parse(json)
  })
})
