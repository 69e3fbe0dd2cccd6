import type { Address } from '../../schemas/ids.ts'
import type { Header } from '../../schemas/settlement.ts'
import type { PublishedSettlement } from '../settlement/published.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'

/** Gets a settlement's published inputs for a validator and sends its verdict. */
export type PublishedClient = {
  /** Null while the operator has not published it. */
  published(settlementNumber: number): Promise<PublishedSettlement | null>
  /** @throws InvalidArgumentError with the operator's reason when it does not take the verdict. */
  sendVerdict(verdict: ValidatorVerdict): Promise<void>
}

/** A validator's key, for signing headers only. */
export type HeaderSigner = {
  readonly address: Address
  signHeader(
    place: {
      readonly chainId: number
      readonly anchor: Address
      readonly settlementNumber: number
    },
    header: Header,
  ): Promise<`0x${string}`>
}
