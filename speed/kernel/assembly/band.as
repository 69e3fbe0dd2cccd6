// An operator in whole numbers: the deviation of the last slots against a share of their baseline,
// and the sums of groups.

const column: usize = 0 // i32, of the slot
const baseline: usize = 4 // i32
const deviations: usize = 8 // i32, of the slot that leaves; then of this one
const baselines: usize = 12
const rolledDeviation: usize = 16 // i32, over the last slots
const rolledBaseline: usize = 20
const band: usize = 24 // i32, per mille
const groupOf: usize = 28 // u16 `[lane]`
const lanes: usize = 32 // a multiple of four
const sums: usize = 36 // i32 `[group][4]`: load, baseline, deviation, readings; added to
const exceptions: usize = 40 // i32 `[…][3]`: lane, rolled deviation, rolled baseline

const none = i32x4.splat(i32.MIN_VALUE)
const ones = i32x4.splat(1)
const thousand = i32x4.splat(1000)

/** Closes a slot. @returns how many exceptions are listed. */
export function closeBand(block: usize): i32 {
  const loads = <usize>load<u32>(block + column)
  const bases = <usize>load<u32>(block + baseline)
  const devs = <usize>load<u32>(block + deviations)
  const used = <usize>load<u32>(block + baselines)
  const rolledD = <usize>load<u32>(block + rolledDeviation)
  const rolledB = <usize>load<u32>(block + rolledBaseline)
  const bands = <usize>load<u32>(block + band)
  const groups = <usize>load<u32>(block + groupOf)
  const into = <usize>load<u32>(block + sums)
  const listed = <usize>load<u32>(block + exceptions)
  const end = <usize>load<u32>(block + lanes) << 2
  let found: i32 = 0
  for (let o: usize = 0; o < end; o += 16) {
    const watts = v128.load(loads + o)
    const has = i32x4.ne(watts, none)
    const p = v128.and(watts, has)
    const b = v128.and(v128.load(bases + o), has)
    const d = i32x4.sub(p, b)
    const r = i32x4.add(v128.load(rolledD + o), i32x4.sub(d, v128.load(devs + o)))
    const q = i32x4.add(v128.load(rolledB + o), i32x4.sub(b, v128.load(used + o)))
    v128.store(devs + o, d)
    v128.store(used + o, b)
    v128.store(rolledD + o, r)
    v128.store(rolledB + o, q)
    // Four lanes of four columns become four rows, each added to its group at once.
    const c = v128.and(has, ones)
    const pb0 = v128.shuffle<u32>(p, b, 0, 4, 1, 5)
    const pb2 = v128.shuffle<u32>(p, b, 2, 6, 3, 7)
    const dc0 = v128.shuffle<u32>(d, c, 0, 4, 1, 5)
    const dc2 = v128.shuffle<u32>(d, c, 2, 6, 3, 7)
    const g = groups + (o >> 1)
    add(into, load<u16>(g), v128.shuffle<u64>(pb0, dc0, 0, 2))
    add(into, load<u16>(g, 2), v128.shuffle<u64>(pb0, dc0, 1, 3))
    add(into, load<u16>(g, 4), v128.shuffle<u64>(pb2, dc2, 0, 2))
    add(into, load<u16>(g, 6), v128.shuffle<u64>(pb2, dc2, 1, 3))
    const outside = i32x4.gt_s(
      i32x4.mul(i32x4.abs(r), thousand),
      i32x4.mul(v128.load(bands + o), q),
    )
    let bits = i32x4.bitmask(v128.and(outside, has))
    while (bits) {
      const lane = (o >> 2) + <usize>ctz(bits)
      const at = listed + <usize>found * 12
      store<u32>(at, <u32>lane)
      store<i32>(at, load<i32>(rolledD + (lane << 2)), 4)
      store<i32>(at, load<i32>(rolledB + (lane << 2)), 8)
      found++
      bits &= bits - 1
    }
  }
  return found
}

@inline function add(into: usize, group: u16, row: v128): void {
  const sum = into + (<usize>group << 4)
  v128.store(sum, i32x4.add(v128.load(sum), row))
}
