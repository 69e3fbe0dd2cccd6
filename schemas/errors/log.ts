import { InvalidArgumentError, RetryableError } from './wattproofError.ts'

export class RecordTooLargeError extends InvalidArgumentError {
  override readonly kind = 'too-large'

  constructor(record: { readonly bytes: number; readonly bytesMax: number }) {
    super(`A record has at most ${record.bytesMax} bytes, not ${record.bytes}.`, record)
  }
}

export class NoGroupNameError extends InvalidArgumentError {
  constructor() {
    super('A consumer group needs a name.')
  }
}

export class PartitionCountError extends InvalidArgumentError {
  /** @param log the number of partitions that was asked for, by topic. */
  constructor(log: { readonly asked: Readonly<Record<string, number>> }) {
    const names = Object.entries(log.asked).map(([topic, count]) => `${topic} (${count})`)
    super(
      `This log was made with another number of partitions than ${names.join(', ')}. Set the ` +
        'number it was made with, or give another --dir.',
      log,
    )
  }
}

export class NoSuchPartitionError extends InvalidArgumentError {
  constructor(asked: {
    readonly topic: string
    readonly partition: number
    readonly partitions: number
  }) {
    super(
      `Topic ${asked.topic} has partitions 0 to ${asked.partitions - 1}, not ${asked.partition}.`,
      asked,
    )
  }
}

export class OffsetError extends InvalidArgumentError {
  constructor(asked: { readonly offset: number }) {
    super(`${asked.offset} is not an offset; offsets are whole numbers from 0.`, asked)
  }
}

export class LogNotWrittenError extends RetryableError {
  constructor(cause: unknown) {
    super('The log could not be written; check that its disk is not full.', {}, cause)
  }
}

/** Another process holds the log's lock, and may have been stopped meanwhile. */
export class LogHeldError extends RetryableError {
  constructor(wait: { readonly ms: number }) {
    super(`Another process has held the log's write lock for ${wait.ms / 1000} s.`, wait)
  }
}

export class LogClosedError extends RetryableError {
  constructor() {
    super('The log is closed.')
  }
}

/** Its next owner reads it from the last commit on: what this member had of it is to be dropped. */
export class PartitionLostError extends RetryableError {
  constructor(lost: {
    readonly group: string
    readonly topic: string
    readonly partition: number
    readonly epoch: number
  }) {
    const { group, topic, partition } = lost
    super(`Partition ${partition} of ${topic} went to another member of ${group}.`, lost)
  }
}
