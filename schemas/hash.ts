import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hex32 } from './ids.ts'

/** keccak256 of raw bytes, as the chain computes it. */
export function keccak(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes)
}

export function keccakOfText(text: string): Hex32 {
  return toHex(keccak(utf8ToBytes(text)))
}

export function toHex(bytes: Uint8Array): Hex32 {
  return `0x${bytesToHex(bytes)}`
}

export function fromHex(hex: string): Uint8Array {
  return hexToBytes(hex.slice(2))
}

/**
 * ABI words, concatenated: the result of `abi.encode` for static types. Whole numbers are two's
 * complement; hexadecimal strings are bytes32 (64 digits) or an address (40 digits, left-padded).
 *
 * @example
 * abiWords([1n, '0x' + '11'.repeat(20)]) // 64 bytes
 */
export function abiWords(values: readonly (bigint | number | string)[]): Uint8Array {
  const words = new Uint8Array(32 * values.length)
  values.forEach((value, index) => {
    writeWord(words.subarray(32 * index, 32 * index + 32), value)
  })
  return words
}

/** A 128-bit salt for one name under a secret: HMAC-SHA-256, truncated. */
export function saltOf(secret: Uint8Array, name: string): Hex32 {
  const salt = new Uint8Array(32)
  salt.set(hmac(sha256, secret, utf8ToBytes(name)).subarray(0, 16), 16)
  return toHex(salt)
}

/** The secret for one purpose, derived from a master secret. */
export function deriveSecret(master: Uint8Array, purpose: string): Uint8Array {
  return hmac(sha256, master, utf8ToBytes(purpose))
}

export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes))
}

function writeWord(word: Uint8Array, value: bigint | number | string): void {
  if (typeof value === 'string') {
    const bytes = fromHex(value)
    word.set(bytes, 32 - bytes.length)
  } else if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    // Nearly all words of readings are such numbers; a bigint and its text cost 20 times as much.
    const view = new DataView(word.buffer, word.byteOffset, 32)
    view.setUint32(24, Math.floor(value / 2 ** 32))
    view.setUint32(28, value % 2 ** 32)
  } else {
    const unsigned = BigInt.asUintN(256, BigInt(value))
    word.set(hexToBytes(unsigned.toString(16).padStart(64, '0')))
  }
}
