import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { runProcess, sayReady } from '../process/runtime.ts'
import { openPartialApi } from './testApi.ts'

/** The API on one port, with a store of views that may come and go and without other stores. */
const [port = '', url = ''] = process.argv.slice(2)

await runProcess(async (signal) => {
  const views = await openClickHouseViews({ url, isAwaited: true })
  const app = await openPartialApi({ views })
  await app.listen({ host: '127.0.0.1', port: Number(port) })
  sayReady()
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  await app.close()
  await views.close()
})
