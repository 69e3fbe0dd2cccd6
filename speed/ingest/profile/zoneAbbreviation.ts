import { ZoneAbbreviationError } from '../../../schemas/errors/profile.ts'
import type { Stamp, StampReader } from './stamp.ts'
import type { Zone } from './zone.ts'

/** Minutes that an abbreviation is ahead of UTC: some stand for several zones. */
const minutesAhead: Readonly<Record<string, readonly number[]>> = {
  ...{ UTC: [0], GMT: [0], WET: [0], WEST: [60], BST: [60], IST: [60, 120, 330], IDT: [180] },
  ...{ CET: [60], CEST: [120], MEZ: [60], MESZ: [120], EET: [120], EEST: [180], MSK: [180] },
  ...{ EST: [-300], EDT: [-240], CST: [-360, 480], CDT: [-300], MST: [-420], MDT: [-360] },
  ...{ PST: [-480], PDT: [-420], AKST: [-540], AKDT: [-480], HST: [-600], AST: [-240] },
  ...{ ADT: [-180], NST: [-210], NDT: [-150], AWST: [480], ACST: [570], ACDT: [630] },
  ...{ AEST: [600], AEDT: [660], NZST: [720], NZDT: [780], JST: [540], KST: [540], SAST: [120] },
}

/** Ends the pattern of stamps such as `2024-03-05 00:00 EST`. */
export const abbreviated = ' zzz'

const written = /^(.*\d) ?([A-Z]{3,4})$/

/** Without its abbreviation, or the text where it has none that is known. */
export function withoutAbbreviation(text: string): string {
  const match = written.exec(text)
  return match && minutesAhead[match[2]!] ? match[1]! : text
}

/**
 * Reads a stamp by its abbreviation, where the zone's clock is as far from UTC then: `EST` in
 * America/New_York in winter. In July it would mean an hour that the zone's clock does not show, so
 * that its row is refused.
 */
export function readAbbreviated(text: string, reader: StampReader, zone: Zone): Stamp | null {
  const [, bare, name] = written.exec(text) ?? []
  const stamp = bare === undefined ? null : reader.read(bare)
  if (!stamp || stamp.offsetMs !== null) return null
  for (const minutes of minutesAhead[name!] ?? []) {
    const offsetMs = minutes * 60_000
    const isMeant = name === 'UTC' || name === 'GMT'
    if (isMeant || zone.wallOf(stamp.wallMs - offsetMs) === stamp.wallMs) {
      return { wallMs: stamp.wallMs, offsetMs }
    }
  }
  return null
}

/** @throws ZoneAbbreviationError where no stamp fits the clock of the zone. */
export function requireZone(texts: readonly string[], reader: StampReader, zone: Zone): void {
  if (texts.some((text) => reader.read(text) !== null)) return
  const example = texts.find((text) => withoutAbbreviation(text) !== text) ?? ''
  const abbreviation = written.exec(example)?.[2] ?? ''
  throw new ZoneAbbreviationError({ example, abbreviation, zone: zone.name })
}
