import { isoUtc } from '../../schemas/time.ts'

const dayMs = 24 * 3600 * 1000

/** An event as `event create` takes it, every field with what it is for; tomorrow, 17 to 19 UTC. */
export function exampleEvent(nowMs: number): string {
  const day = isoUtc(nowMs + dayMs).slice(0, 10)
  return `{
  // Its name from now on; nothing can have the same again.
  "id": "evening-${day}",
  "terms": {
    // The programme it belongs to, and which version of its terms these are.
    "programme": "my-programme",
    "version": 1,
    // Three letters; amounts are whole micros of it: 250000 is 0.25.
    "currency": "GBP",
    // Paid for each kWh below the baseline; charged for each that was ordered and not delivered.
    "priceMicrosPerKwh": 250000,
    "penaltyMicrosPerKwh": 50000,
    // What each meter is asked to leave out: millionths of its baseline; 100000 is a tenth.
    "orderPpm": 100000,
    // What would have been used: ten days like it before, adjusted by the hours before the event.
    "baselineMethod": "caiso-10-in-10",
    // A live deviation beyond this within an hour, Wh, is shown as an exception.
    "bandWh": 1500,
    // Baselines are fixed on chain this long before the start, s.
    "commitLeadS": 900,
    // Readings are waited for this long after the end, s; then it is verified and settled.
    "latenessS": 7200
  },
  // ISO 8601 with Z or an offset, on whole intervals of the meters; the start is not past.
  "start": "${day}T17:00:00Z",
  "end": "${day}T19:00:00Z",
  // Meters that take part. Each is enrolled with an account: \`ingest --register --account 0x…\`.
  "participants": ["METER-1", "METER-2"],
  // Meters like them that do not, as a second opinion; may be left out.
  "controls": [],
  // Local dates that are no ordinary days, such as those of earlier events; may be left out.
  "excludedDates": [],
  "holidays": []
}
`
}

/**
 * The JSON of a file of ours in which whole lines may be comments: `// …`.
 *
 * A string of JSON has no line break in it, so a line that begins so is never inside one.
 */
export function parseCommentedJson(text: string): unknown {
  return JSON.parse(text.replace(/^[ \t]*\/\/.*$/gm, ''))
}
