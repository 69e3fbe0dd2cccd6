import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { writeWhole } from '../writeWhole.ts'

/**
 * Anvil's state on disk: `DIR/chain.json`, and in `DIR/chain.block` the number of its last block.
 *
 * Anvil's own `--state-interval` writes over the file in place, so that a kill in the middle leaves
 * half a state and a chain that does not start again. Here the state is asked for over RPC,
 * written beside, synced, and moved.
 */
export type SavedState = { readonly block: number; readonly timestampS: number }

export function stateFile(dir: string): string {
  return path.join(dir, 'chain.json')
}

/** What the state on disk ends with; null before the first. */
export function readSavedState(dir: string): SavedState | null {
  if (!existsSync(stateFile(dir))) return null
  return describe(readFileSync(stateFile(dir), 'utf8'))
}

/** Writes what `anvil_dumpState` answered (hexadecimal of gzipped JSON). */
export function saveState(dir: string, dump: string): SavedState {
  const json = gunzipSync(Buffer.from(dump.slice(2), 'hex'))
  const saved = describe(json.toString('utf8'))
  writeWhole(stateFile(dir), json)
  // Second, so that a number that can be read is always of a state that is there.
  writeWhole(path.join(dir, 'chain.block'), String(saved.block))
  return saved
}

/** The number of the last block on disk, -1 before the first: what a kill cannot take back. */
export function readDurableBlock(dir: string): number {
  const file = path.join(dir, 'chain.block')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : -1
}

function describe(json: string): SavedState {
  const block = /"best_block_number":(?:"(0x[0-9a-f]+)"|(\d+))/.exec(json)
  const timestamp = /"timestamp":(?:"(0x[0-9a-f]+)"|(\d+))/.exec(json)
  if (!block || !timestamp) throw new InvariantError('This is no state of anvil 1.7.')
  return { block: Number(block[1] ?? block[2]), timestampS: Number(timestamp[1] ?? timestamp[2]) }
}
