import protobuf from 'protobufjs'
import { bench, describe } from 'vitest'
import { meterId } from '../ids.ts'
import { energyMwh } from '../units.ts'
import { decodeColumns, decodeFrame, encodeColumns, encodeFrame } from './frame.ts'
import { quality, type Reading } from './reading.ts'
import { rosterIdOf } from './roster.ts'
import { stated } from './testing/aReading.ts'

/**
 * A thousand readings on the wire, of 50 meters and of 1,000: the frame from and to columns, with
 * its meters and by a registered roster, the same from and to objects, JSON, and rows of protobuf
 * as people write them.
 */
const proto = `syntax = "proto3";
message Row {
  string meter = 1; int64 start_ms = 2; uint32 duration_s = 3; sint64 energy_mwh = 4;
  optional float power_w = 5; optional float reactive_var = 6; uint32 quality = 7;
  uint32 standing = 8; uint32 revision = 9; optional int64 said_at_ms = 10; bool is_void = 11;
  string source = 12; string ingest = 13;
}
message Rows { repeated Row rows = 1; }`
const Rows = protobuf.parse(proto, { keepCase: true }).root.lookupType('Rows')

for (const meters of [50, 1_000]) {
  const readings: Reading[] = Array.from({ length: 1_000 }, (_, index) => ({
    meter: meterId(`MAC${String(index % meters).padStart(6, '0')}`),
    startMs: 1_360_000_000_000 + 1_800_000 * Math.floor(index / meters),
    durationS: 1_800,
    energyMwh: energyMwh(index * 1_000),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
  }))
  const frame = encodeFrame(readings)
  const { columns } = decodeColumns(frame)
  const registered = rosterIdOf(columns.roster)
  const byRoster = encodeColumns(columns, registered)
  const rosterOf = () => columns.roster
  const json = JSON.stringify(readings)
  const rows = Rows.create({
    rows: readings.map((each) => ({
      ...{ meter: each.meter, start_ms: each.startMs, duration_s: each.durationS },
      ...{ energy_mwh: each.energyMwh, quality: each.quality, standing: each.standing },
    })),
  })
  const wire = Rows.encode(rows).finish()

  describe(`encode 1,000 readings of ${meters} meters`, () => {
    bench('frame from columns', () => {
      encodeColumns(columns)
    })
    bench('frame by roster from columns', () => {
      encodeColumns(columns, registered)
    })
    bench('frame from objects', () => {
      encodeFrame(readings)
    })
    bench('protobufjs rows', () => {
      Rows.encode(rows).finish()
    })
    bench('JSON', () => {
      JSON.stringify(readings)
    })
  })

  describe(`decode 1,000 readings of ${meters} meters`, () => {
    bench('frame to columns', () => {
      decodeColumns(frame)
    })
    bench('frame by roster to columns', () => {
      decodeColumns(byRoster, rosterOf)
    })
    bench('frame to objects', () => {
      decodeFrame(frame)
    })
    bench('protobufjs rows', () => {
      Rows.decode(wire)
    })
    bench('JSON', () => {
      JSON.parse(json)
    })
  })
}
