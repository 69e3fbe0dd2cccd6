import protobuf from 'protobufjs'
import { meterId } from '../../../schemas/ids.ts'
import { decodeColumns, encodeColumns, encodeFrame } from '../../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../../schemas/reading/reading.ts'
import { rosterIdOf } from '../../../schemas/reading/roster.ts'
import { stated } from '../../../schemas/reading/testing/aReading.ts'
import { energyMwh } from '../../../schemas/units.ts'
import { print, quantile, ratesByCpu, spreadOf } from '../figures.ts'

/** Rows of protobuf as people write them. */
const proto = `syntax = "proto3";
message Row {
  string meter = 1; int64 start_ms = 2; uint32 duration_s = 3; sint64 energy_mwh = 4;
  optional float power_w = 5; optional float reactive_var = 6; uint32 quality = 7;
  uint32 standing = 8; uint32 revision = 9; optional int64 said_at_ms = 10; bool is_void = 11;
  string source = 12; string ingest = 13;
}
message Rows { repeated Row rows = 1; }`

const count = 1_000

/**
 * A thousand readings of as many meters on the wire, from columns and to them: the frame with its
 * meters, the same by a registered roster, JSON, and rows of protobufjs.
 */
export function printCodec(): void {
  const { encode, decode } = openCases()
  for (const [name, cases] of Object.entries({ encode, decode })) {
    const us = Object.entries(cases).map(([form, run]) => [form, usOf(run)] as const)
    const median = (form: string) => quantile(us.find(([own]) => own === form)![1], 0.5)
    for (const [form, found] of us) {
      const [json, rows] = ['JSON', 'protobufjs rows'].map((other) => median(other))
      const own = median(form)
      const times = (other: number) => `${(other / own).toFixed(1)} ×`
      print(`${name} 1,000 readings, ${form}: ${spreadOf(found, 1)} µs`)
      print(`  JSON takes ${times(json!)}, protobufjs ${times(rows!)}`)
    }
  }
}

type Cases = Readonly<Record<string, () => void>>

function openCases(): { readonly encode: Cases; readonly decode: Cases } {
  const readings = Array.from({ length: count }, (_, index) => readingOf(index))
  const Rows = protobuf.parse(proto, { keepCase: true }).root.lookupType('Rows')
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
  return {
    encode: {
      frame: () => void encodeColumns(columns),
      'frame by roster': () => void encodeColumns(columns, registered),
      JSON: () => void JSON.stringify(readings),
      'protobufjs rows': () => void Rows.encode(rows).finish(),
    },
    decode: {
      frame: () => void decodeColumns(frame),
      'frame by roster': () => void decodeColumns(byRoster, rosterOf),
      JSON: () => void JSON.parse(json),
      'protobufjs rows': () => void Rows.decode(wire),
    },
  }
}

function readingOf(index: number): Reading {
  return {
    meter: meterId(`MAC${String(index).padStart(6, '0')}`),
    startMs: 1_360_000_000_000,
    durationS: 1_800,
    energyMwh: energyMwh(index * 1_000),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
  }
}

/** CPU of one call, µs: five rounds or more. */
function usOf(run: () => void): number[] {
  return ratesByCpu(() => {
    run()
    return 1
  }).map((perS) => 1e6 / perS)
}
