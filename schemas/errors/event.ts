import { InvalidArgumentError } from './wattproofError.ts'

/** A draft and the enrolled meters that do not make a valid event. Times: ISO 8601. */
abstract class EventTermsError extends InvalidArgumentError {
  override readonly kind = 'event-terms'
}

export class EventIdError extends EventTermsError {
  constructor(given: { readonly text: string }) {
    super(`"${given.text}" is not an event id; use 1 to 64 of a-z 0-9 and -.`, given)
  }
}

export class EventPastError extends EventTermsError {
  constructor(event: { readonly event: string; readonly start: string; readonly commit: string }) {
    super(
      `${event.event} starts at ${event.start} and its baselines are committed at ` +
        `${event.commit}, which is past; choose a later start.`,
      event,
    )
  }
}

export class OrderError extends EventTermsError {
  constructor(terms: { readonly orderPpm: number }) {
    super(`An order is 1 to 1000000 millionths of the baseline, not ${terms.orderPpm}.`, terms)
  }
}

export class NegativePriceError extends EventTermsError {
  constructor(terms: { readonly priceMicrosPerKwh: bigint; readonly penaltyMicrosPerKwh: bigint }) {
    super('Price and penalty must not be negative.', terms)
  }
}

export class NegativeLeadError extends EventTermsError {
  constructor(terms: { readonly commitLeadS: number; readonly latenessS: number }) {
    super(
      'Neither commitLeadS nor latenessS may be negative: baselines are committed before the ' +
        'start, and late readings are waited for after the end.',
      terms,
    )
  }
}

export class ParticipantCountError extends EventTermsError {
  constructor(event: { readonly participants: number; readonly participantsMax: number }) {
    super(
      `An event has 1 to ${event.participantsMax} participants; this one has ` +
        `${event.participants}.`,
      event,
    )
  }
}

export class ParticipantTwiceError extends EventTermsError {
  constructor(event: { readonly meter: string }) {
    super(`${event.meter} is named twice; a meter has one part in an event.`, event)
  }
}

export class EventEndError extends EventTermsError {
  constructor(event: { readonly start: string; readonly end: string }) {
    super(
      event.start === event.end
        ? `An event must end after it starts; both are at ${event.start}.`
        : `The event ends at ${event.end}, before it starts at ${event.start}.`,
      event,
    )
  }
}

export class EventTimesError extends EventTermsError {
  constructor(event: {
    readonly start: string
    readonly end: string
    readonly intervalS: number
  }) {
    super(
      `An event begins and ends with an interval of ${event.intervalS} s: ` +
        `${event.start} to ${event.end} does not.`,
      event,
    )
  }
}

export class EventLengthError extends EventTermsError {
  constructor(event: { readonly lengthS: number; readonly stepS: number }) {
    super(
      event.lengthS > 86_400
        ? 'An event lasts at most a day.'
        : `An event of ${event.lengthS} s is not a whole number of ${event.stepS} s intervals.`,
      event,
    )
  }
}

export class EventFarError extends EventTermsError {
  constructor(event: { readonly event: string; readonly end: string; readonly latest: string }) {
    super(
      `${event.event} ends at ${event.end}; an event ends at ${event.latest} at the latest.`,
      event,
    )
  }
}

export class EventSizeError extends EventTermsError {
  constructor(event: {
    readonly meters: number
    readonly intervals: number
    readonly memberIntervalsMax: number
  }) {
    const { meters, intervals, memberIntervalsMax } = event
    super(
      `${meters} meters × ${intervals} intervals are ${meters * intervals}; an event has at most ` +
        `${memberIntervalsMax}. Announce a shorter one, or several with a part of the meters each.`,
      event,
    )
  }
}

/** Energy is delivered once: to one event. */
export class EventOverlapError extends EventTermsError {
  constructor(event: { readonly event: string; readonly other: string; readonly meters: number }) {
    super(
      `${event.event} overlaps in time with ${event.other}, which has ${event.meters} of its ` +
        'participants: the same energy would be paid twice.',
      event,
    )
  }
}

/** A site has one settlement point at a time: its meters overlap in what they measure. */
export class SiteTwiceError extends EventTermsError {
  constructor(members: { readonly site: string; readonly one: string; readonly other: string }) {
    super(
      `${members.one} and ${members.other} are both of the site ${members.site}; a site is ` +
        'settled once. Enrol a point of its meters and name that.',
      members,
    )
  }
}

export class PointSettledError extends EventTermsError {
  constructor(member: {
    readonly meter: string
    readonly site: string
    readonly programme: string
    readonly terms: string
  }) {
    super(
      `The site ${member.site} is settled as ${member.terms} in the programme ` +
        `${member.programme}, not as ${member.meter}; name the site.`,
      member,
    )
  }
}

export class PointProgrammeError extends EventTermsError {
  constructor(point: {
    readonly site: string
    readonly programme: string
    readonly other: string
  }) {
    super(
      `The site ${point.site} takes part in the programme ${point.other} then, not in ` +
        `${point.programme}; a site has one at a time.`,
      point,
    )
  }
}

export class PointAccountError extends EventTermsError {
  constructor(point: { readonly site: string; readonly accounts: number }) {
    super(
      `The meters of the site ${point.site} have ${point.accounts} accounts; set its occupancy, ` +
        'or one account for all.',
      point,
    )
  }
}

export class OccupantChangesError extends EventTermsError {
  constructor(site: { readonly site: string; readonly until: string }) {
    super(
      `The occupant of the site ${site.site} changes at ${site.until}, within the event; end it ` +
        'before, or start it then.',
      site,
    )
  }
}

export class NotEnrolledError extends EventTermsError {
  constructor(member: { readonly meter: string }) {
    super(
      `${member.meter} is not enrolled; \`wattproof meter set\` or POST /api/v1/meters enrols it.`,
      member,
    )
  }
}

export class NoAccountToPayError extends EventTermsError {
  constructor(member: { readonly meter: string }) {
    super(`${member.meter} has no account to pay to; enrol it with one.`, member)
  }
}

type Measured = { readonly meter: string; readonly zone: string; readonly intervalS: number }

/** All members of an event have the same interval length and time zone. */
export class MeasuredDifferentlyError extends EventTermsError {
  constructor(members: { readonly one: Measured; readonly other: Measured }) {
    const [one, other] = [members.one, members.other].map(({ meter, zone, intervalS }) => {
      return `${meter} (${zone}, ${intervalS} s)`
    })
    super(
      `${one} and ${other} cannot be in one event; announce one for each zone and interval.`,
      members,
    )
  }
}

export class EventAnnouncedError extends EventTermsError {
  constructor(event: { readonly event: string }) {
    super(
      `${event.event} was announced with other terms, times or members; give it another id.`,
      event,
    )
  }
}
