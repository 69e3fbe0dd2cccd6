import { once } from 'node:events'
import * as z from 'zod'
import { endBySignal } from '../process/endBySignal.ts'
import { runProcess, sayReady } from '../process/runtime.ts'
import { postgresData, postgresSocket } from '../sockets/enginePlaces.ts'
import { postgresAnswers } from './postgresAnswers.ts'
import { runPostgresServer } from './postgresServer.ts'
import { watchEngine } from './watchEngine.ts'

/**
 * The process that owns PostgreSQL.
 *
 * The first IPC message holds the parameters; it answers `ready` with the URL. It ends when
 * PostgreSQL ends (with code 1 or by its signal, so that it is restarted), on a stop signal, and
 * when its parent is gone.
 */
const optionsSchema = z.object({
  dir: z.string().min(1),
  password: z.string().min(1),
  template: z.string().min(1).nullable(),
})

await runProcess(async (signal) => {
  const [message] = await once(process, 'message', { signal })
  const options = optionsSchema.parse(message)
  const server = await runPostgresServer({ ...options, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
    process.exit(0)
  })
  const asked = once(signal, 'abort').then(() => null)
  const socket = postgresSocket(postgresData(options.dir))
  sayReady({ url: server.url, pid: server.pid })
  const ask = () => postgresAnswers(socket)
  watchEngine({ name: 'PostgreSQL', pid: server.pid, ask })
  const reason = signal.aborted ? null : await Promise.race([server.exited, asked])
  if (reason === null) await server.stop()
  else process.stderr.write(`PostgreSQL ended: ${reason}\n`)
  if (reason !== null) await endBySignal(server.signal())
  process.exit(reason === null ? 0 : 1)
})
