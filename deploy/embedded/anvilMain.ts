import { once } from 'node:events'
import * as z from 'zod'
import { openSimulatedClock } from '../engines/clock/simulatedClock.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { endBySignal } from '../process/endBySignal.ts'
import { runProcess, sayReady } from '../process/runtime.ts'
import { upMs } from '../process/upMs.ts'
import { runAnvilNode } from './anvilNode.ts'
import { type ChainTime, type ClockMark, followTime } from './chainTime.ts'
import { watchEngine } from './watchEngine.ts'

/**
 * The process that owns anvil: anvil itself would outlive a killed parent.
 *
 * The first IPC message holds the parameters; it answers `ready` with the URL. It ends when anvil
 * ends (with code 1 or by its signal, so that it is restarted), on a stop signal, and when its
 * parent is gone.
 */
const optionsSchema = z.object({
  dir: z.string().min(1),
  password: z.string().min(16),
  chainId: z.int().min(1),
  timestampS: z.int().min(0).optional(),
  /** The installation's clock; absent: tests set the time of blocks as they like. */
  clock: z
    .object({ simulatedIn: z.string().nullable(), clockMs: z.number(), upMs: z.number() })
    .optional(),
  alsoPassed: z.array(z.string()).default([]),
})

const lookMs = 10_000

await runProcess(async (signal) => {
  const [message] = await once(process, 'message', { signal })
  const { timestampS, clock, ...rest } = optionsSchema.parse(message)
  const time = clock && openTime(clock)
  const node = await runAnvilNode({
    ...rest,
    ...(timestampS === undefined ? {} : { timestampS }),
    ...(time ? { time } : {}),
  })
  const asked = once(signal, 'abort').then(() => null)
  sayReady({ url: node.url, pid: node.pid })
  watchEngine({ name: 'anvil', pid: node.pid, ask: node.ask })
  const reason = signal.aborted ? null : await Promise.race([node.exited, asked])
  if (reason === null) await node.stop()
  else process.stderr.write(`anvil ended: ${reason}\n`)
  if (reason !== null) await endBySignal(node.signal())
  process.exit(reason === null ? 0 : 1)
})

/** Checked also while nothing is sent, so that a clock that was set right is soon trusted again. */
function openTime(from: ClockMark & { readonly simulatedIn: string | null }): ChainTime {
  const { simulatedIn } = from
  const clock = simulatedIn === null ? systemClock() : openSimulatedClock(simulatedIn)
  const read = () => ({ clockMs: clock.nowMs(), upMs: upMs() })
  const time = followTime({ read, believed: simulatedIn === null ? from : null })
  if (simulatedIn === null) setInterval(() => time.waits(), lookMs).unref()
  return time
}
