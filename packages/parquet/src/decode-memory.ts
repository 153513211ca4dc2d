import { createDecodeKernels, createKernelMemory, type DecodeKernels, type KernelMemory } from './decode-kernels.ts'

/** Where bytes lie in the memory of the kernels: an input, and room for what becomes of it. */
export interface Places {
  readonly input: number
  /** Bytes of the input, a view of which may be none any more. */
  readonly length: number
  readonly output: number
}

/** Thrown where a page is too large for the part of a memory that a thread has. */
export class NoRoom extends Error {}

/** A part of a memory. */
export interface MemoryPart {
  readonly start: number
  readonly end: number
}

/**
 * The kernels that decode, and the memory that they work on, which behind the room for checksums is divided from page to
 * page:
 *
 *     a window onto the file | the dictionary of the column | the page, uncompressed | what the next kernel works on
 *
 * A file is read into the window, each kernel leaves its result where the next one finds it, and only what the page
 * holds in the end is copied out, to where it belongs; or it is left there at once, where that lies in the same memory.
 * All of it is done with before anybody else of the thread gets to run, so one memory is enough for a thread.
 *
 * It has a memory to itself, which grows, or a part of one, which does not. Memory that grows is another `ArrayBuffer`: a
 * view of it is good only until the next call of a method.
 */
export class DecodeMemory {
  readonly kernels: DecodeKernels
  /** Where checksums are made. */
  readonly checksumRoom: number
  readonly #memory: KernelMemory
  readonly #part: MemoryPart | undefined
  readonly #start: number
  #bytes: Uint8Array
  #windowEnd: number
  #dictionary: Uint8Array | undefined
  #dictionaryEnd: number
  /** What lies before it is still to be used. */
  #free: number

  constructor(memory: KernelMemory = createKernelMemory(false), part?: MemoryPart) {
    this.kernels = createDecodeKernels(memory)
    this.#memory = memory
    this.#part = part
    this.#bytes = new Uint8Array(memory.buffer)
    // Before it the kernels keep tables, which are the same for all of them.
    this.checksumRoom = part?.start ?? aligned(this.kernels.endOfTables())
    this.#start = this.checksumRoom + CHECKSUM_BYTES
    this.#reserve(this.#start)
    this.#windowEnd = this.#dictionaryEnd = this.#free = this.#start
  }

  get size(): number {
    return this.#bytes.length
  }

  /** The window, which has so many bytes at least. What it held it still holds. */
  window(bytes: number): Uint8Array {
    const start = this.#start
    if (start + bytes > this.#windowEnd) {
      this.#windowEnd = aligned(start + bytes)
      this.#dictionary = undefined
      this.#reserve(this.#windowEnd)
    }
    return this.#bytes.subarray(start, this.#windowEnd)
  }

  /** Forgets the page before, and sees to it that the dictionary of the next one is there. */
  startPage(dictionary?: Uint8Array): void {
    if (dictionary === undefined) this.#dictionaryEnd = this.#windowEnd
    else if (dictionary !== this.#dictionary) {
      this.#dictionaryEnd = aligned(this.#windowEnd + dictionary.length)
      this.#reserve(this.#dictionaryEnd)
      this.#bytes.set(dictionary, this.#windowEnd)
    }
    this.#dictionary = dictionary
    this.#free = this.#dictionaryEnd
  }

  /** Where the dictionary lies. */
  get dictionary(): number {
    return this.#windowEnd
  }

  /** Takes room for so many bytes, until the next page starts, and returns where. */
  take(bytes: number): number {
    const at = this.#free
    this.#free = aligned(at + bytes)
    this.#reserve(this.#free)
    return at
  }

  /** The bytes at a place. */
  view(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(at, at + length)
  }

  /**
   * Finds an input, or copies it to behind all that was taken, and makes room for so many bytes of output behind that.
   * The next call uses the same room.
   */
  place(input: Uint8Array, outputBytes: number): Places {
    const isThere = this.holds(input)
    const { length } = input
    const at = isThere ? input.byteOffset : this.#free
    const output = isThere ? this.#free : aligned(at + length)
    this.#reserve(output + outputBytes)
    if (!isThere) this.#bytes.set(input, at)
    return { input: at, length, output }
  }

  /** True for a view of this memory, as the methods return them. */
  holds(bytes: Uint8Array): boolean {
    return bytes.buffer === this.#bytes.buffer
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

  #reserve(end: number): void {
    if (this.#part !== undefined) {
      if (end + SPARE > this.#part.end) throw new NoRoom('a page is too large for the part of a thread')
      return
    }
    const lacking = end + SPARE - this.#bytes.length
    if (lacking <= 0) return
    this.#memory.grow(Math.ceil(lacking / PAGE_BYTES))
    this.#bytes = new Uint8Array(this.#memory.buffer)
  }
}

// Tables and room to work in, as assembly/decode/crc32.ts lays it out.
const CHECKSUM_BYTES = 20_080
// Kernels read and write whole words, of which so many bytes may lie behind the end.
const SPARE = 64
/** WebAssembly counts memory in pages. */
export const PAGE_BYTES = 65_536
// Memory only grows. What a page of uncommon size took is not kept for the rest of the process.
const MOST_KEPT = 1 << 26

let own: DecodeMemory | undefined
let current: DecodeMemory | undefined

/** That of this thread, or the one that the column being decoded is decoded in. */
export function decodeMemory(): DecodeMemory {
  return current ?? (own ??= new DecodeMemory())
}

/**
 * Decodes the pages of a column, in the memory that their values shall lie in, if it is one of kernels. Sees to it that no
 * column before made the thread's own memory too large for all others.
 */
export function useDecodeMemory(memory: DecodeMemory | undefined, decode: () => void): void {
  if (own !== undefined && own.size > MOST_KEPT) own = undefined
  current = memory
  try {
    decode()
  } finally {
    current = undefined
  }
}

/** The next place to begin at, behind the bytes that a kernel may read or write beyond the end. */
function aligned(end: number): number {
  return Math.ceil((end + SPARE) / 16) * 16
}
