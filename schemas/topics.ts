/** Accepted at the door: frames of readings (`frame.ts`), partitioned by meter. */
export const readingsTopic = 'readings.v1'
/** Refused at the door: one JSON `DeadLetter` a record, partition 0. */
export const rejectedTopic = 'readings.v1.rejected'

/** The two groups that read both topics, each for itself. */
export type LayerGroup = 'speed' | 'archive'
