import { type SendParameters, sendReadings } from './sendReadings.ts'

/** Started by `senders.ts` with its parameters as JSON: the load is another process's. */
process.send!(await sendReadings(JSON.parse(process.argv[2]!) as SendParameters))
process.disconnect()
