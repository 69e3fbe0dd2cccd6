// Readings into slots: a ring of columns, one value a meter (a lane) and slot.

// Addresses and numbers of the block, u32 or i32.
const lanesAt: usize = 0 // u32
const laneStride: usize = 4
const slots: usize = 8
const slotStride: usize = 12 // 0: one slot for all
const values: usize = 16
const valueStride: usize = 20
const ring: usize = 24
const ringMask: usize = 28 // slots of the ring, less one
const lanes: usize = 32
const open: usize = 36 // the first slot that is not closed
const newest: usize = 40
const lateness: usize = 44 // a slot closes when one so much later has a reading
const late: usize = 48 // readings of closed slots
const repeated: usize = 52 // readings of lanes that have one in the slot
const unknown: usize = 56 // readings of no lane

/** What no meter reads. */
const absent: i32 = i32.MIN_VALUE

/**
 * Puts rows of whole numbers into their slots; the first reading of a lane and slot counts.
 *
 * @returns the row to go on with: before it slots must be closed, up to its own less the lateness.
 */
export function scatterI32(block: usize, from: i32, rows: i32): i32 {
  return scatter<i32>(block, from, rows)
}

/** The same of doubles, of which NaN is absent. */
export function scatterF64(block: usize, from: i32, rows: i32): i32 {
  return scatter<f64>(block, from, rows)
}

@inline function scatter<T>(block: usize, from: i32, rows: i32): i32 {
  const stepL = <usize>load<u32>(block + laneStride)
  const stepS = <usize>load<u32>(block + slotStride)
  const stepV = <usize>load<u32>(block + valueStride)
  let l = <usize>load<u32>(block + lanesAt) + <usize>from * stepL
  let s = <usize>load<u32>(block + slots) + <usize>from * stepS
  let v = <usize>load<u32>(block + values) + <usize>from * stepV
  const frames = <usize>load<u32>(block + ring)
  const mask = load<u32>(block + ringMask)
  const width = load<u32>(block + lanes)
  const first = load<i32>(block + open)
  const ahead = load<i32>(block + lateness)
  let latest = load<i32>(block + newest)
  let lateRows: u32 = 0
  let repeatedRows: u32 = 0
  let unknownRows: u32 = 0
  let row = from
  for (; row < rows; row++, l += stepL, s += stepS, v += stepV) {
    const slot = load<i32>(s)
    if (slot > latest) {
      if (slot - ahead >= first) break
      latest = slot
    }
    if (slot < first) {
      lateRows++
      continue
    }
    const lane = load<u32>(l)
    if (lane >= width) {
      unknownRows++
      continue
    }
    const cell = frames + <usize>((<u32>slot & mask) * width + lane) * sizeof<T>()
    const before = load<T>(cell)
    const isAbsent = isFloat<T>() ? before != before : before == <T>absent
    if (isAbsent) store<T>(cell, load<T>(v))
    else repeatedRows++
  }
  store<i32>(block + newest, latest)
  store<u32>(block + late, load<u32>(block + late) + lateRows)
  store<u32>(block + repeated, load<u32>(block + repeated) + repeatedRows)
  store<u32>(block + unknown, load<u32>(block + unknown) + unknownRows)
  return row
}
