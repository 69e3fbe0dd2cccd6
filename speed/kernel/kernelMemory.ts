import { kernelBytes } from './kernelBytes.ts'

/** What `assembly/` exports: each takes the address of its block. */
type KernelExports = {
  advanceRatio(...at: SlotOfBlock): void
  advanceShift(...at: SlotOfBlock): void
}

type SlotOfBlock = [block: number, cell: number, lanes: number, before: number]

/** The kernel with a memory of its own, which never grows: views of it hold. */
export type KernelMemory = {
  readonly wasm: KernelExports
  readonly buffer: ArrayBuffer
  /** The address of zeroed bytes, aligned for vectors; null where there is no room for them. */
  allocate(bytes: number): number | null
}

const pageBytes = 65_536
const alignment = 64

let compiled: WebAssembly.Module | null = null

export function openKernelMemory(bytes: number): KernelMemory {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelBytes, 'base64'))
  const pages = Math.ceil((bytes + alignment) / pageBytes)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const instance = new WebAssembly.Instance(compiled, { env: { memory } })
  // What the compiler's own data would be is below it: there is none.
  let used = alignment
  return {
    wasm: instance.exports as unknown as KernelExports,
    buffer: memory.buffer,
    allocate(wanted) {
      const from = used
      const next = Math.ceil((from + wanted) / alignment) * alignment
      if (next > pages * pageBytes) return null
      used = next
      return from
    },
  }
}
