import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ChainStateError } from '../../schemas/errors/installation.ts'
import { writeWhole } from '../installation/writeWhole.ts'

/**
 * Anvil's state on disk: `DIR/chain.json`, and in `DIR/chain.block` the number of its last block.
 *
 * Anvil's own `--state-interval` overwrites the file in place, so that a kill in the middle leaves
 * half a state and a chain that cannot restart. Here the state is fetched over RPC,
 * written to a temporary file, synced, and renamed.
 */
export type SavedState = { readonly block: number; readonly timestampS: number }

/** Written after each saved block: who watches the folder learns of the block by it. */
export const blockFile = 'chain.block'

export function stateFile(dir: string): string {
  return path.join(dir, 'chain.json')
}

/** The last block of the state on disk; null before the first. @throws ChainStateError. */
export function readSavedState(dir: string): SavedState | null {
  if (!existsSync(stateFile(dir))) return null
  return describe(stateFile(dir), readFileSync(stateFile(dir), 'utf8'))
}

/** Writes what `anvil_dumpState` answered (hexadecimal of gzipped JSON). */
export function saveState(dir: string, dump: string): SavedState {
  const json = gunzipSync(Buffer.from(dump.slice(2), 'hex'))
  const saved = describe(stateFile(dir), json.toString('utf8'))
  writeWhole(stateFile(dir), json)
  // Written second, so that its state is always on disk.
  writeWhole(path.join(dir, blockFile), String(saved.block))
  return saved
}

/** The number of the last block on disk, -1 before the first: a kill cannot lose it. */
export function readDurableBlock(dir: string): number {
  const file = path.join(dir, blockFile)
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : -1
}

function describe(file: string, json: string): SavedState {
  const block = /"best_block_number":(?:"(0x[0-9a-f]+)"|(\d+))/.exec(json)
  const timestamp = /"timestamp":(?:"(0x[0-9a-f]+)"|(\d+))/.exec(json)
  if (!block || !timestamp) throw new ChainStateError({ file })
  return { block: Number(block[1] ?? block[2]), timestampS: Number(timestamp[1] ?? timestamp[2]) }
}
