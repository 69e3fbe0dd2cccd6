import { readRecomputeData } from '../../../batch/jobs/jobs.ts'
import { recompute } from '../../../batch/recompute/recompute.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { openClickHouseViews } from '../../engines/views/clickhouseViews.ts'
import { openTestBatchPorts } from '../testBatchPorts.ts'

/**
 * A process to be killed: publishes one generation and says on stdout which row set it is about to
 * write, a line each, and `published` when it is done.
 *
 * Arguments: address of the store, data of the job as JSON.
 */
const [url = '', data = '{}'] = process.argv.slice(2)

const store = await openClickHouseViews({ url })
const insert: Views['insert'] = (name, rows, options) => {
  process.stdout.write(`${name}\n`)
  return store.insert(name, rows, options)
}
const ports = openTestBatchPorts({ ...store, insert })
await recompute(ports, readRecomputeData(JSON.parse(data)), { graceS: 0 })
process.stdout.write('published\n')
ports.close()
await store.close()
