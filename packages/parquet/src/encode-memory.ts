import { createEncodeKernels, type EncodeKernels } from './encode-kernels.ts'

/**
 * The kernels that encode, and the memory that they work on: what they are to read is copied into it, and what they
 * wrote is copied out. Nothing in it outlives the function that asked for it, so one is enough for a thread.
 */
export class EncodeMemory {
  readonly kernels: EncodeKernels = createEncodeKernels()
  #bytes = new Uint8Array(this.kernels.memory.buffer)

  /** The memory, with so many bytes at least. Valid until more are asked for. */
  reserve(size: number): Uint8Array {
    const { memory } = this.kernels
    const lacking = size - this.#bytes.length
    if (lacking > 0) {
      memory.grow(Math.ceil(lacking / PAGE))
      this.#bytes = new Uint8Array(memory.buffer)
    }
    return this.#bytes
  }
}

/** The first page is the kernels' own. */
export const FIRST = 65_536

/** WebAssembly counts memory in pages. */
const PAGE = 65_536

let shared: EncodeMemory | undefined

/** That of this thread. */
export function encodeMemory(): EncodeMemory {
  shared ??= new EncodeMemory()
  return shared
}
