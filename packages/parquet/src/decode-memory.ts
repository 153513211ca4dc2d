import { createDecodeKernels, type DecodeKernels } from './decode-kernels.ts'

/** Where bytes lie in the memory of the kernels: an input, and room for what becomes of it. */
export interface Places {
  readonly input: number
  readonly output: number
}

/**
 * The kernels that decode, and the memory that they work on: a page is copied into it, and what it holds is copied out
 * to where it belongs. But for one dictionary, nothing in it outlives the function that asked for it, so one is enough
 * for a thread.
 */
export class DecodeMemory {
  readonly kernels: DecodeKernels = createDecodeKernels()
  #bytes = new Uint8Array(this.kernels.memory.buffer)
  #dictionary: Uint8Array | undefined
  #start = START

  /** Copies an input to behind the dictionary, and makes room for so many bytes of output behind that. */
  place(input: Uint8Array, outputBytes: number): Places {
    const output = aligned(this.#start + input.length + SPARE)
    this.#reserve(output + outputBytes + SPARE)
    this.#bytes.set(input, this.#start)
    return { input: this.#start, output }
  }

  /** Copies a dictionary to where it stays until there is another one. */
  placeDictionary(bytes: Uint8Array): number {
    if (bytes === this.#dictionary) return START
    const start = aligned(START + bytes.length + SPARE)
    this.#reserve(start)
    this.#bytes.set(bytes, START)
    this.#dictionary = bytes
    this.#start = start
    return START
  }

  /** Copies bytes to where a place has room for them. */
  write(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at)
  }

  /** Fills an array with the bytes from a place on. */
  read(at: number, target: ArrayBufferView): void {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(
      this.#bytes.subarray(at, at + target.byteLength),
    )
  }

  #reserve(size: number): void {
    const { memory } = this.kernels
    const lacking = size - this.#bytes.length
    if (lacking <= 0) return
    memory.grow(Math.ceil(lacking / PAGE))
    this.#bytes = new Uint8Array(memory.buffer)
  }

  get size(): number {
    return this.#bytes.length
  }
}

// To the kernels an address of 0 is none.
const START = 16
// Kernels read and write whole words, of which so many bytes may lie behind the end.
const SPARE = 64
/** WebAssembly counts memory in pages. */
const PAGE = 65_536
// Memory only grows. What a page of uncommon size took is not kept for the rest of the process.
const MOST_KEPT = 1 << 26

let shared: DecodeMemory | undefined

/** That of this thread. */
export function decodeMemory(): DecodeMemory {
  if (shared === undefined || shared.size > MOST_KEPT) shared = new DecodeMemory()
  return shared
}

function aligned(address: number): number {
  return Math.ceil(address / 16) * 16
}
