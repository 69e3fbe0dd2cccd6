import { type SendParameters, sendReadings } from './sendReadings.ts'

/** Started by `senders.ts` with its parameters as JSON: the load is another process's. */
const sent = await sendReadings(JSON.parse(process.argv[2]!) as SendParameters)
// A long answer is lost where the channel is closed before it is written.
process.send!(sent, () => process.disconnect())
