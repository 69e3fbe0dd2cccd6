import { concatBytes } from '@noble/hashes/utils.js'
import { abiWords, fromHex, keccak, keccakOfText, toHex } from '../../schemas/hash.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import { type Header, headerTypes } from '../../schemas/settlement.ts'

export type DigestOfHeaderParameters = {
  readonly chainId: number
  readonly anchor: Address
  readonly settlementNumber: number
  readonly header: Header
}

const domainType =
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'

/** What a validator signs: EIP-712 of the header, bound to chain, anchor and settlement number. */
export function digestOfHeader(parameters: DigestOfHeaderParameters): Hex32 {
  const { chainId, anchor, settlementNumber, header } = parameters
  const domain = keccak(
    abiWords([
      keccakOfText(domainType),
      keccakOfText('Wattproof'),
      keccakOfText('1'),
      chainId,
      anchor,
    ]),
  )
  const values = headerTypes.Settlement.map(({ name }) =>
    name === 'period' ? settlementNumber : header[name],
  )
  const message = keccak(abiWords([keccakOfText(headerType()), ...values]))
  return toHex(keccak(concatBytes(fromHex('0x1901'), domain, message)))
}

function headerType(): string {
  const fields = headerTypes.Settlement.map(({ name, type }) => `${type} ${name}`)
  return `Settlement(${fields.join(',')})`
}
