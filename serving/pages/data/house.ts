import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import type { Status } from '../../api/shapes/status.ts'
import type { Groups } from '../../api/shapes/views.ts'
import type { Route, ViewRange } from '../view/route.ts'
import { readToken, watchToken } from './api.ts'

/** What every page knows: where it is, how the house is, whose clock counts. */
export type House = {
  readonly route: Route
  readonly status: Status | null
  readonly groups: Groups['groups']
  /** IANA zone of the site. */
  readonly zone: string
  /** The house's clock, which is simulated in a demo; null until it is known. */
  readonly nowMs: number | null
  readonly isTrusted: boolean
  /** Zooms every picture, and keeps it in the address; null for the whole. */
  setRange(range: ViewRange | null): void
}

export const HouseContext = createContext<House | null>(null)

export function useHouse(): House {
  const house = useContext(HouseContext)
  if (!house) throw new InvariantError('A page stands outside the house.')
  return house
}

export function useToken(): string | null {
  const [token, setToken] = useState(readToken)
  useEffect(() => watchToken(setToken), [])
  return token
}
