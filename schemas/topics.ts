/** Accepted at the door: frames of readings (`frame.ts`), partitioned by meter. */
export const readingsTopic = 'readings.v1'
/** Refused at the door: one JSON `DeadLetter` a record, partition 0. */
export const rejectedTopic = 'readings.v1.rejected'

/** The two groups that read both topics, each for itself. */
export type LayerGroup = 'speed' | 'archive'

/** Commits up to where a replay of the speed layer would start: what lies above is still needed. */
export const replayGroup = 'speed-replay'

/** The groups of a topic without whose word retention removes nothing of it. */
export const holders: Readonly<Record<string, readonly string[]>> = {
  [readingsTopic]: ['speed', 'archive', replayGroup],
  [rejectedTopic]: ['speed', 'archive'],
}
