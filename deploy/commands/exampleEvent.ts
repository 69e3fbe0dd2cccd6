import { isoUtc } from '../../schemas/time.ts'

const dayMs = 24 * 3600 * 1000

/** An event file for `event create` with a comment on each field; tomorrow, 17:00 to 19:00 UTC. */
export function exampleEvent(nowMs: number): string {
  const day = isoUtc(nowMs + dayMs).slice(0, 10)
  return `{
  // Its permanent name; no other event can have the same.
  "id": "evening-${day}",
  "terms": {
    // The programme it belongs to, and the version of its terms.
    "programme": "my-programme",
    "version": 1,
    // ISO 4217 code; amounts are integers in micros: 250000 is 0.25.
    "currency": "GBP",
    // Paid for each kWh below the baseline, up to the order. Charged for each kWh that was ordered
    // and not delivered, and for each kWh used above the baseline.
    "priceMicrosPerKwh": 250000,
    "penaltyMicrosPerKwh": 50000,
    // The reduction ordered from each meter, in millionths of its baseline; 100000 is 10 %.
    "orderPpm": 100000,
    // Baseline: ten similar days before, adjusted by the hours before the event.
    "baselineMethod": "caiso-10-in-10",
    // The contracted band of an hour's deviation, Wh: recorded with the terms, not applied. Live
    // exceptions use WATTPROOF_BAND_WH, the same for all meters.
    "bandWh": 1500,
    // Baselines are committed on chain this long before the start, s.
    "commitLeadS": 900,
    // Late readings are accepted for this long after the end, s; then the event is verified and
    // settled.
    "latenessS": 7200
  },
  // ISO 8601 with Z or an offset, on interval boundaries of the meters; the start must not be in
  // the past.
  "start": "${day}T17:00:00Z",
  "end": "${day}T19:00:00Z",
  // Meters that take part. Each must be enrolled with an account: \`ingest --register --account
  // 0x…\`.
  "participants": ["METER-1", "METER-2"],
  // A control group of similar meters that do not take part; optional.
  "controls": [],
  // Local dates that are not ordinary days, such as those of earlier events; optional.
  "excludedDates": [],
  "holidays": []
}
`
}

/**
 * Parses JSON in which whole lines may be comments: `// …`.
 *
 * A JSON string cannot contain a line break, so such a line is never inside a string.
 */
export function parseCommentedJson(text: string): unknown {
  return JSON.parse(text.replace(/^[ \t]*\/\/.*$/gm, ''))
}
