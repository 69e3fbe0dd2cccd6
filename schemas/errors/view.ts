import { InvalidArgumentError } from './wattproofError.ts'

export class ViewParameterError extends InvalidArgumentError {
  constructor(asked: {
    readonly view: string
    readonly taken: readonly string[]
    readonly name: string
  }) {
    super(`The view ${asked.view} takes ${asked.taken.join(', ')}; not ${asked.name}.`, asked)
  }
}

export class AsOfError extends InvalidArgumentError {
  constructor(asked: { readonly text: string }) {
    super(
      `asOf is "${asked.text.slice(0, 80)}". Write an instant with its offset, such as ` +
        '2013-05-02T00:00Z, or the offset of each partition, such as 120,96.',
      asked,
    )
  }
}

/** An answer that would be another one later: the archive has not read as far as was asked. */
export class AsOfBeyondError extends InvalidArgumentError {
  override readonly kind = 'conflict'

  constructor(asked: {
    /** As it was asked: an instant, or places. */
    readonly asOf: string
    /** By partition, the first offset that the archive has not read. */
    readonly archived: readonly number[]
    /** Everything logged by then is read, ISO 8601; absent where places were asked. */
    readonly archivedUntil?: string
  }) {
    const { asOf, archived, archivedUntil } = asked
    const until = archivedUntil === undefined ? '' : ` (all that was logged by ${archivedUntil})`
    super(
      `asOf=${asOf} is beyond what the archive has read${until}: offsets ` +
        `${archived.join(',') || '0'}. Use those offsets, or retry when the archive has caught up.`,
      asked,
    )
  }
}

/** Places that say nothing of a partition would leave out all of its words. */
export class AsOfPartitionsError extends InvalidArgumentError {
  constructor(asked: { readonly asOf: string; readonly partitions: number }) {
    super(
      `asOf=${asked.asOf} has not one place for each of the log's ${asked.partitions} partitions.`,
      asked,
    )
  }
}

export class ViewWantsEventError extends InvalidArgumentError {
  constructor(asked: { readonly view: string }) {
    super(`The view ${asked.view} needs event=ID.`, asked)
  }
}

export class PageUnreadableError extends InvalidArgumentError {
  override readonly kind = 'range'

  constructor(asked: { readonly page: string }) {
    super(
      `page=${asked.page} does not fit; it takes the \`next\` of this view's last answer.`,
      asked,
    )
  }
}

export class MeterOrGroupError extends InvalidArgumentError {
  constructor() {
    super('Give meter or group, not both.')
  }
}

/** A time range that is invalid or too long for one answer. Times: ISO 8601. */
abstract class TimeRangeError extends InvalidArgumentError {
  override readonly kind = 'range'
}

export class EmptyRangeError extends TimeRangeError {
  constructor(range: { readonly from: string; readonly to: string }) {
    super(`from=${range.from} is not before to=${range.to}; the range excludes its end.`, range)
  }
}

export class RangeTooLongError extends TimeRangeError {
  constructor(limit: { readonly daysMax: number }) {
    super(`A range is at most ${limit.daysMax} days long; ask for it in parts.`, limit)
  }
}

export class InstantTextError extends TimeRangeError {
  constructor(given: { readonly text: string }) {
    super(`"${given.text}" is not a time such as 2013-02-11T17:00Z.`, given)
  }
}

export class TooManyReadingsError extends TimeRangeError {
  constructor(asked: {
    readonly from: string
    readonly to: string
    readonly meters: number
    readonly readings: number
    readonly readingsMax: number
  }) {
    super(
      `From ${asked.from} to ${asked.to} ${asked.meters} meters have some ${asked.readings} ` +
        `readings; one question may look at ${asked.readingsMax}. Ask for a shorter range, a ` +
        'group or a meter.',
      asked,
    )
  }
}

export class TooManyToCompareError extends TimeRangeError {
  constructor(limit: { readonly rowsMax: number }) {
    super('There are too many meters to compare here; read the view deviation in parts.', limit)
  }
}
