import { deviationDefaults } from '../../../schemas/deviation/options.ts'
import type { PublishedRows } from '../../../speed/following.ts'
import { decodeRecord } from '../../../speed/microbatch/decodeRecord.ts'
import { processRecords } from '../../../speed/microbatch/processRecords.ts'
import {
  createSpeedState,
  type SpeedState,
  setBaselines,
} from '../../../speed/microbatch/speedState.ts'
import { checkOperators } from '../../../speed/operator.ts'
import { deviation } from '../../../speed/operators.ts'
import { ownCpuS, print, printMachine, quantile } from '../figures.ts'
import { openBandOperator } from './bandOperator.ts'
import { type Checksums, checksumsOf } from './checksums.ts'
import { type Input, readInput, startMs, stepS } from './input.ts'
import { runPeers } from './peers.ts'

/** A slot closes when one two later has a reading. */
const latenessSlots = 2

/**
 * The job `dr-deviation` on a folder of its input, by the speed layer as it runs: records of the
 * log are decoded and placed, and its operator computes deviations and the sums of groups, whose
 * ratio is held at 1 here; one more (`bandOperator.ts`) finds the job's own exceptions.
 *
 * Prints a line of JSON, as its peers do: readings a second and CPU seconds of 10 M readings, of
 * all threads, and the checksums. With `PEERS` its peers run after it.
 */
export async function printDrDeviation(folder: string, rounds = 5): Promise<void> {
  const input = readInput(folder)
  const found = Array.from({ length: rounds }, () => runRound(input))
  const rates = found.map(({ wallS }) => input.readings / wallS)
  const cpus = found.map(({ cpuS }) => (1e7 * cpuS) / input.readings)
  const line = {
    ...{ peer: 'wattproof', par: 1, readings: input.readings },
    ...{ rate: Math.round(quantile(rates, 0.5)), min: Math.round(quantile(rates, 0)) },
    ...{ max: Math.round(quantile(rates, 1)), cpu10M: quantile(cpus, 0.5) },
    ...{ cpu10MMin: quantile(cpus, 0), cpu10MMax: quantile(cpus, 1) },
    ...{ rssMb: Math.round(process.memoryUsage().rss / 2 ** 20), ...found[0]!.sums },
  }
  print(JSON.stringify(line))
  await runPeers(line)
  printMachine()
}

type Round = { readonly wallS: number; readonly cpuS: number; readonly sums: Checksums }

/** Enrolments and baselines are there before; checks are added up afterwards, as by all peers. */
function runRound(input: Input): Round {
  const state = openState(input)
  const band = openBandOperator(input.bands)
  checkOperators([deviation, band])
  const rows: [PublishedRows[], PublishedRows[]] = [[], []]
  const [cpuS, beganMs] = [ownCpuS(), performance.now()]
  for (const batch of input.batches) {
    const { changes } = processRecords(state, batch.map(decodeRecord))
    rows[0].push(deviation.advance(state, changes))
    rows[1].push(band.advance(state, changes))
  }
  endInput(state, input.slots)
  rows[1].push(band.advance(state, { days: [], blocks: [] }))
  const spent = { wallS: (performance.now() - beganMs) / 1_000, cpuS: ownCpuS() - cpuS }
  return { ...spent, sums: checksumsOf(...rows) }
}

/** Closes all slots: the job's input ends, while the layer's log goes on. */
function endInput({ maxEndMs }: SpeedState, slots: number): void {
  maxEndMs[0] = startMs + 1_000 * stepS * (slots + latenessSlots)
}

function openState({ meters, baselinesOf }: Input): SpeedState {
  const options = {
    ...{ ...deviationDefaults, ratioMin: 1, ratioMax: 1, bandWh: Number.MAX_VALUE },
    // From the end of a slot to that of the one that closes it.
    ...{ latenessS: stepS * latenessSlots, cellsMax: 60_000_000 },
  }
  const given = { generation: 1, revision: 1, highWaterMs: startMs, partitions: 1, options }
  const state = createSpeedState({ ...given, meters })
  for (let at = 0; at < meters.length; at++) setBaselines(state, baselinesOf(at))
  return state
}
