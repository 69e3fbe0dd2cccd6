import fc from 'fast-check'
import type { MeterId } from '../../ids.ts'
import { energyMwh } from '../../units.ts'
import type { Quality, Reading, Standing } from '../reading.ts'

const uint32 = fc.integer({ min: 0, max: 0xffffffff })
const power = fc.option(fc.float({ noNaN: true }), { nil: null })
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/)
const anyRow = fc.record({
  meter: name.map((each) => each as MeterId),
  // Whole seconds, some decades apart.
  startMs: fc.integer({ min: 1e9, max: 3e9 }).map((seconds) => seconds * 1000),
  durationS: uint32,
  energyMwh: fc.maxSafeInteger().map(energyMwh),
  powerW: power,
  reactiveVar: power,
  quality: fc.constantFrom<Quality>(0, 1, 2),
  standing: fc.constantFrom<Standing>(0, 1, 2),
  revision: uint32,
  saidAtMs: fc.option(fc.integer({ min: 1, max: 4e12 }), { nil: null }),
  isVoid: fc.boolean(),
})

/** Readings of one frame, with every value that one can have. */
export const anyReadings = fc
  .record({
    rows: fc.array(anyRow, { minLength: 1, maxLength: 20 }),
    source: fc.oneof(fc.constant(''), name),
    ingest: fc.oneof(fc.constant(''), name),
  })
  .map(({ rows, ...said }): Reading[] => rows.map((row) => ({ ...row, ...said })))
