import { once } from 'node:events'
import { NoSuchLayerError } from '../../schemas/errors/commandLine.ts'
import type { Config } from '../installation/config.ts'
import { runProcess } from '../process/runtime.ts'

/** The layers that run as separate processes; each opens its ports and runs until it is stopped. */
const layers: Readonly<Record<string, () => Promise<LayerModule>>> = {
  speed: () => import('./speed.ts'),
  batch: () => import('./batch.ts'),
  serve: () => import('./serve.ts'),
  validator: () => import('./validator.ts'),
}

type LayerModule = { run(config: Config, signal: AbortSignal): Promise<void> }

/**
 * Runs one layer in this process until it is asked to stop.
 *
 * @param isHeld the modules are loaded, but nothing is opened until the parent sends a message.
 */
export async function runLayer(name: string, config: Config, isHeld = false): Promise<void> {
  const load = layers[name]
  if (!load) throw new NoSuchLayerError({ layer: name })
  const { run } = await load()
  await runProcess(async (signal) => {
    if (!isHeld || (await isReleased(signal))) await run(config, signal)
  })
  // Open handles of a library must not keep a finished process alive.
  process.exit(0)
}

/** False if this process is asked to stop before its parent lets it go on. */
async function isReleased(signal: AbortSignal): Promise<boolean> {
  if (!process.connected) return false
  try {
    await once(process, 'message', { signal })
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}
