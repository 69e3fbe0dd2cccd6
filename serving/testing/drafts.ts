import { deriveSecret, toHex } from '../../schemas/hash.ts'
import { eventId, meterId } from '../../schemas/ids.ts'
import { type EpochMs, localToEpochMs } from '../../schemas/time.ts'
import type { EventDraft } from '../programme/commands.ts'

export const zone = 'Europe/London'
export const stepMs = 1_800_000
export const hourMs = 3_600_000
export const master = deriveSecret(new Uint8Array(32), 'test')
/** The private key of a role. */
export const keyOf = (role: string) => toHex(deriveSecret(master, `key:${role}`))
export const meters = Array.from({ length: 6 }, (_, index) => meterId(`MAC00000${index}`))
export const controls = [meterId('MAC000008'), meterId('MAC000009')]
export const terms = {
  programme: 'test',
  version: 1,
  currency: 'GBP',
  priceMicrosPerKwh: 500_000n,
  penaltyMicrosPerKwh: 50_000n,
  orderPpm: 100_000,
  baselineMethod: 'caiso-10-in-10',
  bandWh: 1500,
  commitLeadS: 900,
  latenessS: 7200,
}

export function at(stamp: string): EpochMs {
  return localToEpochMs(stamp, zone)
}

export function draftOf(id: string, start: string, end: string): EventDraft {
  const excludedDates = ['2013-02-11', '2013-02-13', '2013-02-15', '2013-02-19']
  return {
    id: eventId(id),
    terms,
    startMs: at(start),
    endMs: at(end),
    participants: meters,
    controls,
    excludedDates: excludedDates.filter((date) => date < start.slice(0, 10)),
    holidays: [],
  }
}
