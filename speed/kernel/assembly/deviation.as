// AssemblyScript: `npm run kernel` compiles it. The formula is `computeDeviation` in
// `schemas/deviation`, four meters at a time, with the same operations in the same order.

/**
 * Where the columns of a slot lie: u32 addresses, 16-byte aligned, in this order. `deviationKernel.ts`
 * writes the block.
 */
const energyMwh: usize = 0 // f64, NaN: no reading
const baselineW: usize = 4 // f32, NaN: none
const sigmaW: usize = 8
// State before the slot, and after it.
const loadW: usize = 12
const baseW: usize = 16
const weight: usize = 20
const meanW: usize = 24
const varianceW2: usize = 28
const rollingMw: usize = 32 // f64, whole
// The deviation that leaves the last hour with this slot, or 0.
const leavingW: usize = 36
const ratio: usize = 40
const deviationW: usize = 44
const z: usize = 48
const rollingWh: usize = 52
// Of the formula, f32 but where it says f64.
const decay: usize = 56
const ratioMin: usize = 60
const ratioMax: usize = 64
const shiftMax: usize = 68
const alpha: usize = 72
const remaining: usize = 76
const wattsPerMwh: usize = 80 // f64
const whPerMw: usize = 88 // f64
// Lanes whose rolling sum is outside the band are listed.
const bandWh: usize = 96
const exceptions: usize = 100
// What `sumSegments` takes.
const ends: usize = 104
const segments: usize = 108
const sums: usize = 112

const nan = f32x4.splat(f32.NaN)
const one = f32x4.splat(1)
const zero = f32x4.splat(0)

@inline function column(block: usize, name: usize): usize {
  return <usize>load<u32>(block + name)
}

@inline function factor(block: usize, name: usize): v128 {
  return v128.load32_splat(block + name)
}

/** a where the mask is set, else b. */
@inline function choose(a: v128, b: v128, mask: v128): v128 {
  return v128.bitselect(a, b, mask)
}

@inline function clip(values: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(values, low), high)
}

/** W of four energies of a slot, in f64, then rounded. */
@inline function powerOf(energy: usize, o: usize, watts: v128): v128 {
  const low = f64x2.mul(v128.load(energy + 2 * o), watts)
  const high = f64x2.mul(v128.load(energy + 2 * o, 16), watts)
  return joined(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high))
}

/** The first two numbers of each. */
@inline function joined(low: v128, high: v128): v128 {
  return v128.shuffle<u64>(low, high, 0, 2)
}

@inline function upper(numbers: v128): v128 {
  return v128.shuffle<u64>(numbers, numbers, 1, 1)
}

/** Whole milliwatts of the first two numbers; 0 of NaN. */
@inline function milliwatts(watts: v128): v128 {
  const mw = f64x2.nearest(f64x2.mul(f64x2.promote_low_f32x4(watts), f64x2.splat(1000)))
  return v128.and(mw, f64x2.eq(mw, mw))
}

/** Advances a slot of meters that only take. @returns how many exceptions are listed. */
export function advanceRatio(block: usize, lanes: i32): i32 {
  return advance(block, lanes, false)
}

/** Advances a slot of meters that can be negative. */
export function advanceShift(block: usize, lanes: i32): i32 {
  return advance(block, lanes, true)
}

@inline function advance(block: usize, lanes: i32, isShift: bool): i32 {
  const energy = column(block, energyMwh)
  const baseline = column(block, baselineW)
  const sigma = column(block, sigmaW)
  const loads = column(block, loadW)
  const bases = column(block, baseW)
  const weights = column(block, weight)
  const means = column(block, meanW)
  const variances = column(block, varianceW2)
  const leaving = column(block, leavingW)
  const ratios = column(block, ratio)
  const deviations = column(block, deviationW)
  const zs = column(block, z)
  const rollings = column(block, rollingMw)
  const rolled = column(block, rollingWh)
  const listed = column(block, exceptions)
  const slow = factor(block, decay)
  const alphas = factor(block, alpha)
  const rest = factor(block, remaining)
  const band = factor(block, bandWh)
  const watts = v128.load64_splat(block + wattsPerMwh)
  const wattHours = v128.load64_splat(block + whPerMw)
  let found: i32 = 0
  const end = (<usize>lanes) << 2
  for (let o: usize = 0; o < end; o += 16) {
    const p = powerOf(energy, o, watts)
    const b = v128.load(baseline + o)
    const has = v128.and(f32x4.eq(p, p), f32x4.eq(b, b))
    const sum = f32x4.mul(v128.load(loads + o), slow)
    const base = f32x4.mul(v128.load(bases + o), slow)
    let adjusted: v128
    if (isShift) {
      const w = f32x4.mul(v128.load(weights + o), slow)
      const bound = f32x4.mul(factor(block, shiftMax), base)
      const clipped = clip(sum, f32x4.neg(bound), bound)
      const shift = choose(f32x4.div(clipped, w), zero, f32x4.gt(w, zero))
      adjusted = f32x4.add(b, shift)
      v128.store(loads + o, choose(f32x4.add(sum, f32x4.sub(p, b)), sum, has))
      v128.store(bases + o, choose(f32x4.add(base, f32x4.abs(b)), base, has))
      v128.store(weights + o, choose(f32x4.add(w, one), w, has))
      v128.store(ratios + o, nan)
    } else {
      const divided = choose(f32x4.div(sum, base), one, f32x4.gt(base, zero))
      const low = factor(block, ratioMin)
      const high = factor(block, ratioMax)
      const r = clip(divided, low, high)
      adjusted = f32x4.mul(r, b)
      v128.store(loads + o, choose(f32x4.add(sum, p), sum, has))
      v128.store(bases + o, choose(f32x4.add(base, b), base, has))
      v128.store(ratios + o, choose(r, nan, has))
    }
    const deviation = choose(f32x4.sub(p, adjusted), nan, has)
    v128.store(deviations + o, deviation)

    const mean = v128.load(means + o)
    const before = v128.load(variances + o)
    const s = v128.load(sigma + o)
    const variance = choose(before, f32x4.mul(s, s), f32x4.eq(before, before))
    const surprise = f32x4.sub(deviation, mean)
    const isSpread = v128.and(has, f32x4.gt(variance, zero))
    v128.store(zs + o, choose(f32x4.div(surprise, f32x4.sqrt(variance)), nan, isSpread))
    const moved = f32x4.mul(alphas, surprise)
    v128.store(means + o, choose(f32x4.add(mean, moved), mean, has))
    const spread = f32x4.mul(rest, f32x4.add(variance, f32x4.mul(moved, surprise)))
    v128.store(variances + o, choose(spread, before, has))

    const left = v128.load(leaving + o)
    const low = f64x2.add(v128.load(rollings + 2 * o), f64x2.sub(milliwatts(deviation), milliwatts(left)))
    const high = f64x2.add(
      v128.load(rollings + 2 * o, 16),
      f64x2.sub(milliwatts(upper(deviation)), milliwatts(upper(left))),
    )
    v128.store(rollings + 2 * o, low)
    v128.store(rollings + 2 * o, high, 16)
    const wh = joined(
      f32x4.demote_f64x2_zero(f64x2.mul(low, wattHours)),
      f32x4.demote_f64x2_zero(f64x2.mul(high, wattHours)),
    )
    v128.store(rolled + o, choose(wh, nan, has))
    let outside = i32x4.bitmask(v128.and(has, f32x4.gt(f32x4.abs(wh), band)))
    while (outside) {
      const lane = <u32>(o >> 2) + ctz(outside)
      store<u32>(listed + (<usize>found << 2), lane)
      found++
      outside &= outside - 1
    }
  }
  return found
}

/**
 * Adds up consecutive lanes, a segment a group: its ends are u32, the lane after each. A sum is five
 * f64: members, mWh and mW of lanes with a deviation; members and mWh of those without. All are
 * whole, so any order gives the same bits.
 */
export function sumSegments(block: usize): void {
  const energy = column(block, energyMwh)
  const deviations = column(block, deviationW)
  const after = column(block, ends)
  const count = column(block, segments)
  const into = column(block, sums)
  let lane: usize = 0
  for (let segment: usize = 0; segment < count; segment++) {
    const end = <usize>load<u32>(after + (segment << 2))
    let both = f64x2.splat(0)
    let bothMwh = f64x2.splat(0)
    let mw = f64x2.splat(0)
    let bare = f64x2.splat(0)
    let bareMwh = f64x2.splat(0)
    const ones = f64x2.splat(1)
    for (; lane < end; lane += 2) {
      // The second lane of the last pair may be of the next segment.
      const isOwn = lane + 1 < end ? i64x2.splat(-1) : i64x2(-1, 0)
      const mwh = v128.load(energy + (lane << 3))
      const watts = f64x2.promote_low_f32x4(v128.load64_zero(deviations + (lane << 2)))
      const isThere = v128.and(isOwn, f64x2.eq(mwh, mwh))
      const hasBoth = v128.and(isThere, f64x2.eq(watts, watts))
      const isBare = v128.andnot(isThere, hasBoth)
      const whole = f64x2.nearest(f64x2.mul(watts, f64x2.splat(1000)))
      both = f64x2.add(both, v128.and(ones, hasBoth))
      bothMwh = f64x2.add(bothMwh, v128.and(mwh, hasBoth))
      mw = f64x2.add(mw, v128.and(whole, hasBoth))
      bare = f64x2.add(bare, v128.and(ones, isBare))
      bareMwh = f64x2.add(bareMwh, v128.and(mwh, isBare))
    }
    lane = end
    const sum = into + segment * 40
    store<f64>(sum, load<f64>(sum) + total(both))
    store<f64>(sum, load<f64>(sum, 8) + total(bothMwh), 8)
    store<f64>(sum, load<f64>(sum, 16) + total(mw), 16)
    store<f64>(sum, load<f64>(sum, 24) + total(bare), 24)
    store<f64>(sum, load<f64>(sum, 32) + total(bareMwh), 32)
  }
}

@inline function total(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)
}
