import { ContradictionError, ProfileShapeError } from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import type { Profile } from './profileShape.ts'

/**
 * Whether rows have their register at the end of the step that their stamp begins.
 *
 * @throws ProfileShapeError where the step is not said: the end of the last row is in no stamp.
 * ContradictionError where the stamps are ends themselves.
 */
export function isRegisterAtEnd({ register, step }: Profile, isEnd: boolean): boolean {
  if (register?.at !== 'end') return false
  if (step === undefined) throw new ProfileShapeError({ field: 'register.at', fault: 'needs-step' })
  if (!isEnd) return true
  const found = 'ends, at which their registers are'
  throw new ContradictionError({
    field: 'register.at',
    said: 'end',
    found,
    where: 'the stamps are',
  })
}

export function evidenceOfRegisters({ register, step }: Profile): Evidence[] {
  if (register?.at !== 'end') return []
  const why = `a row has the register at the end of the ${step} s that its stamp begins`
  return [{ field: 'register.at', value: 'end', why }]
}
