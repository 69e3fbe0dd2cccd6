/** Accepted by the API: frames of readings (`reading/frame.ts`), partitioned by meter. */
export const readingsTopic = 'readings.v1'
/** Rejected by the API: one JSON `DeadLetter` per record, partition 0. */
export const rejectedTopic = 'readings.v1.rejected'

/** The two consumer groups; each reads both topics. */
export type LayerGroup = 'speed' | 'archive'

/** Commits the offset where a replay of the speed layer would start: later records are needed. */
export const replayGroup = 'speed-replay'

/** The groups whose commits limit what retention may remove from a topic. */
export const holders: Readonly<Record<string, readonly string[]>> = {
  [readingsTopic]: ['speed', 'archive', replayGroup],
  [rejectedTopic]: ['speed', 'archive'],
}
