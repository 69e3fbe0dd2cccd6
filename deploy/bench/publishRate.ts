import {
  createDeviationBlock,
  type DeviationBlock,
  reserveRows,
} from '../../speed/microbatch/deviationBlock.ts'
import { publish } from '../../speed/outbox.ts'
import {
  deviationRows,
  exceptionRows,
  groupRows,
  watermarkRows,
} from '../../speed/publish/speedRows.ts'
import { cpuSOfPid, isCount, ownCpuS, print, printMachine } from './figures.ts'
import { type LiveStores, openLiveStores, partitions, startMs, stepMs } from './liveStores.ts'

const meters = 20_000
const groups = 10
const basis = { generation: 1, revision: 1 }

/** The rows of one micro-batch: so many meters from `from` on, and the slot of each. */
type Batch = {
  readonly rows: number
  readonly from: number
  readonly slotOf: (row: number) => number
}

/**
 * What it costs to store what a micro-batch changed, without computing it: 20,000 half-hourly
 * meters in ten groups, every hundredth row an exception; micro-batches of one slot each, of the
 * rows asked for, and then scattered ones of 100 rows of 100 starts. CPU of this process, which
 * encodes, and of the store's, its merges included.
 */
export async function printPublishRate(rows = 10_000, batches = 60): Promise<void> {
  if (!isCount(rows, 'publish [ROWS] [BATCHES]') || !isCount(batches, 'publish [ROWS] [BATCHES]'))
    return
  const perSlot = Math.ceil(meters / rows)
  const inOrder = (batch: number): Batch => {
    return { rows, from: (batch % perSlot) * rows, slotOf: () => Math.floor(batch / perSlot) }
  }
  await measure(`micro-batches of ${rows} rows of one start`, batches, inOrder)
  const scattered = (batch: number): Batch => {
    return { rows: 100, from: batch * 100, slotOf: (row) => (row + batch) % 100 }
  }
  await measure('micro-batches of 100 rows of 100 starts', batches, scattered)
  printMachine()
}

async function measure(
  name: string,
  batches: number,
  batchOf: (batch: number) => Batch,
): Promise<void> {
  const stores = await openLiveStores({ meters: 1, slots: 1 })
  try {
    const warm = Math.ceil(batches / 6)
    for (let batch = 0; batch < warm; batch++) await store(stores, batch, batchOf(batch))
    await quiet(stores)
    const [own, before] = [ownCpuS(), cpuSOfPid(stores.server.pid())]
    for (let batch = warm; batch < warm + batches; batch++) {
      await store(stores, batch, batchOf(batch))
    }
    const ownS = ownCpuS() - own
    await quiet(stores)
    const storeS = cpuSOfPid(stores.server.pid()) - before
    const ms = (spentS: number) => ((spentS / batches) * 1000).toFixed(1)
    print(`${name}: CPU-ms each ${ms(ownS)} here, ${ms(storeS)} in the store`)
  } finally {
    await stores.close()
  }
}

async function store(stores: LiveStores, batch: number, given: Batch): Promise<void> {
  const deviations = blockOf(batch, given)
  const starts = new Set(deviations.columns.startMs.subarray(0, given.rows))
  const sums = [...starts].flatMap((start) =>
    Array.from({ length: groups }, (_, group) => ({
      ...{ group: `group-${group}`, startMs: start, durationS: stepMs / 1000, members: 2_000 },
      ...{ loadW: batch + group, baselineW: 100, deviationW: batch, versionSum: batch },
    })),
  )
  const counted = { read: given.rows, accepted: given.rows, duplicate: 0, rejected: 0 }
  await publish(
    stores,
    {
      groups: groupRows(basis, sums),
      exceptions: exceptionRows(basis, deviations),
      deviations: deviationRows(basis, deviations),
      counters: Array.from({ length: partitions }, (_, partition) => ({
        ...{ layer: 'speed', topic: 'readings.v1', log_partition: partition, log_offset: 0 },
        ...{ next_offset: batch + 1, ...counted, late: 0, corrected: 0 },
      })),
      watermarks: Array.from({ length: partitions }, (_, partition) => partition).flatMap(
        (partition) =>
          watermarkRows(1, {
            ...{ partition, offset: batch, spilledToMs: Number.NEGATIVE_INFINITY },
            watermarkMs: startMs + batch * stepMs,
          }),
      ),
    },
    { committed: [], share: new Map() },
  )
}

const names = Array.from({ length: meters }, (_, at) => `meter-${1_000_000 + at}`)

function blockOf(batch: number, { rows, from, slotOf }: Batch): DeviationBlock {
  const block = createDeviationBlock()
  reserveRows(block, rows)
  const { columns } = block
  for (let group = 0; group < groups; group++) block.groups.set(`group-${group}`, group)
  for (let row = 0; row < rows; row++) {
    const mixed = ((row + 1) * 7_919 + batch * 104_729) % 20_000
    block.meters.push(names[(from + row) % meters]!)
    columns.meter[row] = row
    columns.group[row] = (from + row) % groups
    columns.startMs[row] = startMs + slotOf(row) * stepMs
    columns.durationS[row] = stepMs / 1000
    columns.energyMwh[row] = 90_000 + mixed
    columns.baselineMwh[row] = 100_000
    columns.ratio[row] = 1 + mixed / 60_000
    columns.deviationW[row] = mixed / 7
    columns.z[row] = mixed / 7_777
    columns.rollingWh[row] = mixed / 9
    columns.isException[row] = row % 100 === 0 ? 1 : 0
    columns.offset[row] = batch * 20 + Math.floor(row / 1_000)
  }
  block.rows = rows
  return block
}

/** The store has merged what it wants to: for a second it took no CPU to speak of. */
async function quiet({ server }: LiveStores): Promise<void> {
  for (let last = Number.NaN; ; ) {
    const now = cpuSOfPid(server.pid())
    if (now - last <= 0.02) return
    last = now
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}
