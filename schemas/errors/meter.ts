import { counted } from './counted.ts'
import { InvalidArgumentError, InvariantError, RetryableError } from './wattproofError.ts'

export class MeterIdError extends InvalidArgumentError {
  constructor(given: { readonly text: string }) {
    super(`"${given.text}" is not a meter id; use 1 to 64 of A-Z a-z 0-9 _ . : and -.`, given)
  }
}

/** No token can be sent to the zero address, so its share of a settlement could never be paid. */
export class ZeroAccountError extends InvalidArgumentError {
  override readonly kind = 'zero-account'

  constructor(given: { readonly meter: string }) {
    super(
      `The account of ${given.meter} is the zero address, which cannot be paid. Leave it out ` +
        'until there is one.',
      given,
    )
  }
}

export class MeterNamedTwiceError extends InvalidArgumentError {
  constructor(given: { readonly meter: string }) {
    super(`${given.meter} is named twice; name each meter once.`, given)
  }
}

/** Only one insert follows a version of the enrolments, and it was another's nearly each time. */
export class EnrolmentsBusyError extends RetryableError {
  constructor(given: { readonly turns: number }) {
    super(`Enrolments changed ${given.turns} times meanwhile. Send the request again.`, given)
  }
}

/** Each of the keys is used up, without the rows of any. */
export class EnrolmentsDroppedError extends InvariantError {
  constructor(given: { readonly tries: number; readonly revision: number }) {
    super(
      `Of ${given.tries} inserts of enrolments after version ${given.revision} the store kept ` +
        'none, and it shows no other one.',
      given,
    )
  }
}

/** A step begins after the last reading that has another length. */
export class StepTakenError extends InvalidArgumentError {
  constructor(given: {
    readonly meter: string
    /** Start of the last reading that is in the way. */
    readonly start: string
    readonly durationS: number
    readonly intervalS: number
    /** The first local date after it. */
    readonly date: string
  }) {
    const { meter, start, durationS, intervalS, date } = given
    super(
      `${meter} has a reading of ${durationS} s from ${start} on, which is not an interval of ` +
        `${intervalS} s. Let the step begin later (--from ${date}), or take back what was ` +
        'ingested wrongly: `wattproof ingest revert`.',
      given,
    )
  }
}

/** What a meter has in the log is not known for sure. */
export class LogTailError extends RetryableError {
  constructor(given: { readonly partition: number; readonly behind: number }) {
    super(
      `Not archived yet: ${counted(given.behind, 'record')} of partition ${given.partition}, ` +
        'which may have readings of the meter. Try again when `wattproof status` shows less lag.',
      given,
    )
  }
}

export class GridOffsetError extends InvalidArgumentError {
  constructor(given: { readonly gridOffsetS: number; readonly intervalS: number }) {
    const { gridOffsetS, intervalS } = given
    super(
      `An offset of ${gridOffsetS} s is not less than the interval of ${intervalS} s; give ` +
        'the seconds from local midnight to the first interval.',
      given,
    )
  }
}

/** Abbreviations that people write, with the zones they may mean. */
const zonesMeant: Readonly<Record<string, string>> = {
  BST: 'Europe/London',
  IST: 'Asia/Kolkata, or Europe/Dublin',
  CET: 'Europe/Paris, for instance',
  CEST: 'Europe/Paris, for instance',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago, or Asia/Shanghai',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  AEST: 'Australia/Sydney, or Australia/Brisbane for standard time all year',
  AEDT: 'Australia/Sydney',
  JST: 'Asia/Tokyo',
}

export class TimeZoneError extends InvalidArgumentError {
  constructor(given: { readonly zone: string }) {
    const meant = zonesMeant[given.zone.toUpperCase()]
    const write = meant === undefined ? 'Write its name, such as Europe/London.' : `Write ${meant}.`
    super(`"${given.zone}" is not an IANA time zone. ${write}`, given)
  }
}

/** A settlement point is written `+M1 -M2`. */
export class PointTermsError extends InvalidArgumentError {
  constructor(given: { readonly text: string }) {
    super(
      `"${given.text}" is not a settlement point. Write each of its meters once, with its sign, ` +
        'such as "+HOME1-import -HOME1-export".',
      given,
    )
  }
}

export class GroupIdError extends InvalidArgumentError {
  constructor(given: { readonly text: string }) {
    super(
      `"${given.text}" is not a group; use 1 to 64 of A-Z a-z 0-9 _ . : and -, with its kind ` +
        'before it unless it is a community: feeder:F1.',
      given,
    )
  }
}

/** A stored list of groups that this version cannot read. */
export class MembershipsError extends InvalidArgumentError {
  constructor(given: { readonly text: string }) {
    super(`"${given.text}" is not a list of groups such as "north feeder:F1@0..86400000".`, given)
  }
}

export class MeterIncompleteError extends InvalidArgumentError {
  constructor(given: { readonly meter: string; readonly missing: readonly string[] }) {
    const flags = given.missing.map((name) => (name === 'intervalS' ? '--interval' : `--${name}`))
    super(
      `${given.meter} is not enrolled yet, and a new meter needs ${given.missing.join(' and ')} ` +
        `(${flags.join(' and ')}).`,
      given,
    )
  }
}

export class GroupParentError extends InvalidArgumentError {
  constructor(given: { readonly group: string; readonly parent: string }) {
    super(
      `${given.group} cannot be part of ${given.parent}: a feeder is part of a substation, other ` +
        'groups of none.',
      given,
    )
  }
}

export class GroupTwiceError extends InvalidArgumentError {
  constructor(given: { readonly group: string; readonly inherited: string }) {
    super(
      `A meter in ${given.group} would be in ${given.inherited} too, through its feeder, and it ` +
        'is in one group of a kind at a time. Set either one.',
      given,
    )
  }
}

export class SiteUnknownError extends InvalidArgumentError {
  constructor(given: { readonly site: string }) {
    super(`No meter is enrolled at the site ${given.site}. Enrol its meters first.`, given)
  }
}

/** Its local midnight would be several instants. */
export class SiteZonesError extends InvalidArgumentError {
  constructor(given: { readonly site: string; readonly zones: readonly string[] }) {
    super(`The meters of ${given.site} are in ${given.zones.join(' and ')}: a site has one.`, given)
  }
}

export class PointMetersError extends InvalidArgumentError {
  constructor(given: { readonly site: string; readonly meters: readonly string[] }) {
    const { meters } = given
    super(
      `${meters.join(', ')} ${meters.length === 1 ? 'is not a meter' : 'are not meters'} ` +
        `of the site ${given.site}; a settlement point sums meters of its own site.`,
      given,
    )
  }
}

/** A quantity of a site that its meters do not give. */
export class PointQuantityError extends InvalidArgumentError {
  constructor(given: { readonly site: string; readonly quantity: string }) {
    super(
      `The meters of ${given.site} do not give its ${given.quantity}: it has none at the ` +
        'connection. Set their kinds, or write the terms, such as "+HOME1-a -HOME1-b".',
      given,
    )
  }
}
