import { once } from 'node:events'
import * as z from 'zod'
import { runProcess, sayReady } from '../process/runtime.ts'
import { runAnvilNode } from './anvilNode.ts'
import { watchEngine } from './watchEngine.ts'

/**
 * The process that owns anvil: anvil itself would outlive a killed parent.
 *
 * The first IPC message holds the parameters; it answers `ready` with the URL. It ends when anvil
 * ends (with code 1, so that it is restarted), on a stop signal, and when its parent is gone.
 */
const optionsSchema = z.object({
  dir: z.string().min(1),
  port: z.int().min(0).max(65_535),
  password: z.string().min(16),
  chainId: z.int().min(1),
  timestampS: z.int().min(0).optional(),
  alsoPassed: z.array(z.string()).default([]),
})

await runProcess(async (signal) => {
  const [message] = await once(process, 'message', { signal })
  const { timestampS, ...rest } = optionsSchema.parse(message)
  const node = await runAnvilNode(timestampS === undefined ? rest : { ...rest, timestampS })
  const asked = once(signal, 'abort').then(() => null)
  sayReady({ url: node.url, port: node.port, pid: node.pid })
  watchEngine({ name: 'anvil', pid: node.pid, ask: node.ask })
  const reason = signal.aborted ? null : await Promise.race([node.exited, asked])
  if (reason === null) await node.stop()
  else process.stderr.write(`anvil ended: ${reason}\n`)
  process.exit(reason === null ? 0 : 1)
})
