// AssemblyScript: `npm run kernel` compiles it. The formula is `computeDeviation` in
// `schemas/deviation`, four meters at a time, with the same operations in the same order.

/**
 * The block of some meters' cells, slot by slot: addresses of the first cell of each column, u32 and
 * 16-byte aligned, in this order. `cellKernel.ts` writes it.
 */
const energyMwh: usize = 0 // f64, NaN: no reading
const durationS: usize = 4 // u32
const baselineMwh: usize = 8 // f64, NaN: none
const sigmaW: usize = 12 // f32, as those that follow
// State after the slot.
const loadW: usize = 16
const baseW: usize = 20
const weight: usize = 24
const meanW: usize = 28
const varianceW2: usize = 32
// What the slot has.
const ratio: usize = 36
const deviationW: usize = 40
const z: usize = 44
const rollingWh: usize = 48
// Cells from a slot to the next, a multiple of four, and the length of a slot, u32.
const capacity: usize = 52
const stepS: usize = 56
// Of the formula, f32 but where it says f64.
const decay: usize = 60
const ratioMin: usize = 64
const ratioMax: usize = 68
const shiftMax: usize = 72
const alpha: usize = 76
const remaining: usize = 80
const wattsPerMwh: usize = 88 // f64
const whPerMw: usize = 96 // f64

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

/**
 * Advances a slot of meters that only take: `lanes` cells from one on, multiples of four.
 *
 * @param before slots of the last hour before it; -1: it is the day's first one.
 */
export function advanceRatio(block: usize, cell: u32, lanes: u32, before: i32): void {
  advance(block, cell, lanes, before, false)
}

/** The same of meters that can be negative. */
export function advanceShift(block: usize, cell: u32, lanes: u32, before: i32): void {
  advance(block, cell, lanes, before, true)
}

@inline function advance(block: usize, cell: u32, lanes: u32, before: i32, isShift: bool): void {
  const energy = column(block, energyMwh)
  const duration = column(block, durationS)
  const baseline = column(block, baselineMwh)
  const sigma = column(block, sigmaW)
  const loads = column(block, loadW)
  const bases = column(block, baseW)
  const weights = column(block, weight)
  const means = column(block, meanW)
  const variances = column(block, varianceW2)
  const ratios = column(block, ratio)
  const deviations = column(block, deviationW)
  const zs = column(block, z)
  const rolled = column(block, rollingWh)
  const slow = factor(block, decay)
  const alphas = factor(block, alpha)
  const rest = factor(block, remaining)
  const length = factor(block, stepS)
  const watts = v128.load64_splat(block + wattsPerMwh)
  const wattHours = v128.load64_splat(block + whPerMw)
  const isFirst = before < 0
  const slotBytes = column(block, capacity) << 2
  const end = (<usize>cell + <usize>lanes) << 2
  for (let o = <usize>cell << 2; o < end; o += 16) {
    const p = powerOf(energy, o, watts)
    const b = powerOf(baseline, o, watts)
    const isWhole = i32x4.eq(v128.load(duration + o), length)
    const has = v128.and(isWhole, v128.and(f32x4.eq(p, p), f32x4.eq(b, b)))
    // The state after the slot before.
    const old = o - slotBytes
    const sum = isFirst ? zero : f32x4.mul(v128.load(loads + old), slow)
    const base = isFirst ? zero : f32x4.mul(v128.load(bases + old), slow)
    let adjusted: v128
    if (isShift) {
      const w = isFirst ? zero : f32x4.mul(v128.load(weights + old), slow)
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
      v128.store(weights + o, zero)
      v128.store(ratios + o, choose(r, nan, has))
    }
    const deviation = choose(f32x4.sub(p, adjusted), nan, has)
    v128.store(deviations + o, deviation)

    const mean = isFirst ? zero : v128.load(means + old)
    const known = isFirst ? nan : v128.load(variances + old)
    const s = v128.load(sigma + o)
    const variance = choose(known, f32x4.mul(s, s), f32x4.eq(known, known))
    const surprise = f32x4.sub(deviation, mean)
    const isSpread = v128.and(has, f32x4.gt(variance, zero))
    v128.store(zs + o, choose(f32x4.div(surprise, f32x4.sqrt(variance)), nan, isSpread))
    const moved = f32x4.mul(alphas, surprise)
    v128.store(means + o, choose(f32x4.add(mean, moved), mean, has))
    const spread = f32x4.mul(rest, f32x4.add(variance, f32x4.mul(moved, surprise)))
    v128.store(variances + o, choose(spread, known, has))

    let low = f64x2.add(f64x2.splat(0), milliwatts(deviation))
    let high = f64x2.add(f64x2.splat(0), milliwatts(upper(deviation)))
    let at = deviations + o
    for (let slot = 0; slot < before; slot++) {
      at -= slotBytes
      const earlier = v128.load(at)
      low = f64x2.add(low, milliwatts(earlier))
      high = f64x2.add(high, milliwatts(upper(earlier)))
    }
    const wh = joined(
      f32x4.demote_f64x2_zero(f64x2.mul(low, wattHours)),
      f32x4.demote_f64x2_zero(f64x2.mul(high, wattHours)),
    )
    v128.store(rolled + o, choose(wh, nan, has))
  }
}
