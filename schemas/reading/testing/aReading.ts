import type { MeterId } from '../../ids.ts'
import { energyMwh } from '../../units.ts'
import { type Quality, quality, type Reading, standing } from '../reading.ts'

export type AReading = Partial<Omit<Reading, 'meter' | 'energyMwh' | 'quality'>> & {
  readonly meter?: string
  readonly energyMwh?: number
  readonly quality?: Quality
}

/** How a nameless gateway says what it measured. */
export const stated = {
  ...{ standing: standing.stated, saidAtMs: null, isVoid: false, source: '', ingest: '' },
} as const

/** The same as columns of the master data set, and when it was logged. */
export const statedColumns = {
  ...{ standing: 1, said_at: null, is_void: false, source: '', ingest: '', logged: 0 },
} as const

/** A half-hour of 2013, measured and stated by a nameless gateway, with what a test changes. */
export function aReading(changes: AReading = {}): Reading {
  const { meter = 'A', energyMwh: energy = 100_000, ...others } = changes
  return {
    ...{ startMs: Date.UTC(2013, 1, 11), durationS: 1800, powerW: null, reactiveVar: null },
    ...{ quality: quality.measured, revision: 0, ...stated },
    ...others,
    meter: meter as MeterId,
    energyMwh: energyMwh(energy),
  }
}
