import type { Address } from '../../schemas/ids.ts'
import { addressOfKey } from '../engines/chain/ethersChainSigner.ts'
import type { Secrets } from '../installation/secrets.ts'
import { type Fontana, fontanaMeters } from './fontana.ts'
import { type London, londonIntervalS, londonZone } from './london.ts'
import type { Replay } from './replay.ts'

/**
 * The payee of each London home on the dynamic tariff, and of each home with PV.
 *
 * The first of London run the validators: their account is the validator's, so that what they earn
 * in one event is stake in the next.
 */
export function demoAccounts(
  secrets: Secrets,
  { london, fontana, validators }: { london: London; fontana: Fontana; validators: number },
): Map<string, Address> {
  const homes = [...london.dynamic, ...fontana.sites.map(({ net }) => net)]
  return new Map(
    homes.map((meter, index) => {
      const role = index < validators ? `validator-${index}` : `home-${meter}`
      return [meter, addressOfKey(secrets.keyOf(role))]
    }),
  )
}

export async function enrolHomes(
  { client, london, fontana }: Replay,
  accounts: ReadonlyMap<string, Address>,
): Promise<void> {
  const meterOf = (group: string) => (meter: string) => ({
    meter,
    zone: londonZone,
    group,
    intervalS: londonIntervalS,
    ...(accounts.has(meter) ? { account: accounts.get(meter) } : {}),
  })
  const meters = [...london.dynamic.map(meterOf('dynamic')), ...london.flat.map(meterOf('flat'))]
  await client.post('/meters', [...meters, ...fontanaMeters(fontana, accounts)])
}
