import { computeAddress, TypedDataEncoder, Wallet } from 'ethers'
import { KeystoreError } from '../../../schemas/errors/configuration.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import { type Header, headerTypes } from '../../../schemas/settlement.ts'

/** The signing key: one of the installation (development), or a JSON keystore with its password. */
export type SignerConfig =
  | { readonly privateKey: Hex32 }
  | { readonly keystore: string; readonly password: string }

export type TransactionFields = {
  readonly chainId: number
  readonly nonce: number
  readonly to: Address | null
  readonly data: string
  readonly gasLimit: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** The EIP-712 domain: what a header's signature is bound to besides the header. */
export type HeaderPlace = {
  readonly chainId: number
  readonly anchor: Address
  readonly settlementNumber: number
}

export type Signer = {
  readonly address: Address
  signTransaction(fields: TransactionFields): Promise<string>
  /** EIP-712, in the form that `SettlementAnchor.attest` checks. */
  signHeader(place: HeaderPlace, header: Header): Promise<`0x${string}`>
}

/** The account of a private key, in lower case. */
export function addressOfKey(privateKey: Hex32): Address {
  return computeAddress(privateKey).toLowerCase() as Address
}

/** @throws InvalidArgumentError for an invalid key or a wrong password. */
export async function openSigner(config: SignerConfig): Promise<Signer> {
  const wallet = await openWallet(config)
  return {
    address: wallet.address.toLowerCase() as Address,
    signTransaction: ({ to, ...fields }) =>
      wallet.signTransaction({ ...fields, type: 2, value: 0n, ...(to === null ? {} : { to }) }),
    async signHeader(place, header) {
      const signature = await wallet.signTypedData(domainOf(place), typesOf(), {
        period: place.settlementNumber,
        ...header,
      })
      return signature as `0x${string}`
    },
  }
}

/** The signed digest: equal to `SettlementAnchor.digestOf`. */
export function headerDigest(place: HeaderPlace, header: Header): Hex32 {
  const value = { period: place.settlementNumber, ...header }
  return TypedDataEncoder.hash(domainOf(place), typesOf(), value) as Hex32
}

async function openWallet(config: SignerConfig) {
  try {
    if ('privateKey' in config) return new Wallet(config.privateKey)
    return await Wallet.fromEncryptedJson(config.keystore, config.password)
  } catch {
    // The cause may contain the key, so it is not passed on.
    throw new KeystoreError()
  }
}

function domainOf({ chainId, anchor }: HeaderPlace) {
  return { name: 'Wattproof', version: '1', chainId, verifyingContract: anchor }
}

function typesOf() {
  return { Settlement: [...headerTypes.Settlement] }
}
