import { kernelBytes } from './kernelBytes.ts'

/** What `assembly/` exports: each takes the address of its block. */
export type KernelExports = {
  advanceRatio(block: number, lanes: number): number
  advanceShift(block: number, lanes: number): number
  sumSegments(block: number): void
  scatterI32(block: number, from: number, rows: number): number
  scatterF64(block: number, from: number, rows: number): number
  closeBand(block: number): number
}

/** The kernel with a memory of its own. */
export type KernelMemory = {
  readonly wasm: KernelExports
  /** Views of it hold until it grows: make them again after `allocate`. */
  readonly memory: WebAssembly.Memory
  /** The address of zeroed bytes, aligned for vectors. */
  allocate(bytes: number): number
}

const pageBytes = 65_536
const alignment = 64

let compiled: WebAssembly.Module | null = null

export function openKernelMemory(): KernelMemory {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelBytes, 'base64'))
  const memory = new WebAssembly.Memory({ initial: 1 })
  const instance = new WebAssembly.Instance(compiled, { env: { memory } })
  let used = alignment
  return {
    wasm: instance.exports as unknown as KernelExports,
    memory,
    allocate(bytes) {
      const from = used
      used = Math.ceil((from + bytes) / alignment) * alignment
      const lacking = used - memory.buffer.byteLength
      if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes))
      return from
    },
  }
}
