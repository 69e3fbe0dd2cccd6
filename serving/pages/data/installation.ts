import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import type { Status } from '../../shapes/status.ts'
import type { Groups } from '../../shapes/views.ts'
import type { Route, ViewRange } from '../view/route.ts'
import { readToken, watchToken } from './api.ts'

/** What every page knows: its address, the installation's status and its clock. */
export type Installation = {
  readonly route: Route
  readonly status: Status | null
  readonly groups: Groups['groups']
  /** IANA zone of the site. */
  readonly zone: string
  /** The installation's clock, which is simulated in a demo; null until it is known. */
  readonly nowMs: number | null
  readonly isTrusted: boolean
  /** Zooms every chart, and keeps the range in the address; null for all. */
  setRange(range: ViewRange | null): void
}

export const InstallationContext = createContext<Installation | null>(null)

export function useInstallation(): Installation {
  const installation = useContext(InstallationContext)
  if (!installation) throw new InvariantError('A page is outside the InstallationContext.')
  return installation
}

export function useToken(): string | null {
  const [token, setToken] = useState(readToken)
  useEffect(() => watchToken(setToken), [])
  return token
}
