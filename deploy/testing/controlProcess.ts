import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * A process that waits for nothing but a processor: what it takes longer is the machine's other
 * work. It must not be one that a test shakes, or what holds that up would excuse itself.
 */
export type Control = {
  /** How long it takes for so many milliseconds of a processor, ms. */
  measureMs(): Promise<number>
  stop(): void
}

const source = `
  process.on('message', (cpuMs) => {
    const began = process.cpuUsage()
    for (;;) {
      const { user, system } = process.cpuUsage(began)
      if (user + system >= 1_000 * cpuMs) break
    }
    process.send('done')
  })
  process.on('disconnect', () => process.exit())
  process.send('ready')`

/** @param cpuMs about what the requests beside it take of a processor. */
export async function startControl(cpuMs: number): Promise<Control> {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
  const child = spawn(process.execPath, ['-e', source], { stdio: [...stdio] })
  await once(child, 'message')
  return {
    async measureMs() {
      const beganMs = performance.now()
      child.send(cpuMs)
      await once(child, 'message')
      return performance.now() - beganMs
    },
    stop: () => child.disconnect(),
  }
}
