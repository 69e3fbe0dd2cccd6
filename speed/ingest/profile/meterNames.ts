import { MeterOfTwoNamesError, NameOfNoMeterError } from '../../../schemas/errors/profileColumn.ts'
import { ownOf } from './ownOf.ts'
import type { Profile } from './profileShape.ts'

export type MeterNames = {
  /** @throws MeterOfTwoNamesError where rows of another name have the same meter. */
  meterOf(called: string): string
  /** @throws NameOfNoMeterError where `meters` names what no row is of. */
  checkAll(): void
}

/** The meters of the rows of a tidy file, by what it calls them. */
export function openMeterNames({ meters }: Profile): MeterNames {
  const names = new Map<string, string>()
  return {
    meterOf: (called) => {
      if (meters === undefined) return called
      const meter = ownOf(meters, called) ?? called
      const before = names.get(meter)
      if (before === undefined) names.set(meter, called)
      else if (before !== called) throw new MeterOfTwoNamesError({ meter, names: [before, called] })
      return meter
    },
    checkAll: () => {
      const read = new Set(names.values())
      const unused = Object.entries(meters ?? {}).find(([name]) => !read.has(name))
      if (unused) throw new NameOfNoMeterError({ name: unused[0], meter: unused[1] })
    },
  }
}

/** What of `meters` a cell needs that is read alone: the others name nothing beside it. */
export function metersNamed(
  { meters }: Profile,
  names: ReadonlySet<string>,
): Pick<Profile, 'meters'> {
  if (meters === undefined) return {}
  return { meters: Object.fromEntries(Object.entries(meters).filter(([name]) => names.has(name))) }
}
