import { createKernelMemory, type KernelMemory } from './decode-kernels.ts'
import { DecodeMemory, NoRoom, PAGE_BYTES } from './decode-memory.ts'
import type { Room, TakeMemory } from './take-memory.ts'

export interface TableMemoryOptions {
  /** More than so many bytes are not kept for the next table; 1 GiB by default. */
  readonly mostKept?: number | undefined
}

/** A memory of kernels as threads are told of it. */
export interface SharedMemory {
  /** Another number for each {@link TableMemory}: what crosses to a thread is another object each time. */
  readonly id: number
  /** How many memories it had before this one. */
  readonly generation: number
  readonly memory: KernelMemory
}

/** Bytes that were taken. */
interface Part {
  readonly at: number
  readonly bytes: number
}

const MOST_KEPT = 2 ** 30
// As much as the largest pages take: 64 MB. Of what is not used, only the addresses are.
const WORK_PAGES = 1024
// Kernels write whole words, of which some bytes lie before the first value or behind the last one.
const MARGIN_BYTES = 128

let memories = 0

/**
 * Memory that the kernels themselves work on, for one table after the other: values lie where they were decoded and are
 * never copied, and threads need not hand anything over. The arrays of such a table are views of a `SharedArrayBuffer`,
 * of 4 GiB at most; what has no room in it lies in memory of its own.
 */
export class TableMemory implements TakeMemory {
  readonly #mostKept: number
  readonly #workPages: number
  #shared: SharedMemory = { id: ++memories, generation: 0, memory: createKernelMemory(true) }
  #kernels: DecodeMemory | undefined
  #taken: Part[] = []
  #free: Part[] = []

  constructor({
    mostKept = MOST_KEPT,
    workPages = WORK_PAGES,
  }: TableMemoryOptions & { readonly workPages?: number } = {}) {
    this.#mostKept = mostKept
    this.#workPages = workPages
  }

  /** Says that the tables that were read to here are done with: their values change from now on. Not while one is read. */
  reuse(): void {
    this.#free.push(...this.#taken.splice(0))
    if (this.#shared.memory.buffer.byteLength <= this.#mostKept) return
    const { id, generation } = this.#shared
    this.#shared = { id, generation: generation + 1, memory: createKernelMemory(true) }
    this.#kernels = undefined
    this.#free = []
  }

  /** @internal */
  get shared(): SharedMemory {
    return this.#shared
  }

  /** @internal */
  get kernels(): DecodeMemory {
    return (this.#kernels ??= workIn(this.#shared.memory, this.#workPages))
  }

  /** @internal */
  take(bytes: number): Room {
    const { memory } = this.#shared
    const part = this.#find(bytes + 2 * MARGIN_BYTES)
    if (part === undefined) return { buffer: new ArrayBuffer(bytes), byteOffset: 0, at: undefined }
    this.#taken.push(part)
    const at = part.at + MARGIN_BYTES
    return { buffer: memory.buffer, byteOffset: at, at }
  }

  #find(bytes: number): Part | undefined {
    const known = this.#free.findIndex((part) => part.bytes >= bytes && part.bytes <= 2 * bytes + PAGE_BYTES)
    if (known >= 0) return this.#free.splice(known, 1)[0]
    const pages = Math.ceil(bytes / PAGE_BYTES)
    const first = growBy(this.#shared.memory, pages)
    return first === undefined ? undefined : { at: first * PAGE_BYTES, bytes: pages * PAGE_BYTES }
  }
}

/**
 * Makes memory for {@link readParquet}, with or without threads, for one table after the other. Of all ways to read it is
 * the one that costs least.
 *
 * @example
 * const memory = createTableMemory()
 * for (const file of files) {
 *   console.log(file, sum(floatValues(await readParquet(file, { memory }), 'volume')))
 *   memory.reuse()
 * }
 */
export function createTableMemory(options?: TableMemoryOptions): TableMemory {
  return new TableMemory(options)
}

/** Kernels with a part of a memory to work in. */
export function workIn(memory: KernelMemory, pages: number = WORK_PAGES): DecodeMemory {
  const first = growBy(memory, pages)
  if (first === undefined) throw new NoRoom('a memory of tables is full')
  return new DecodeMemory(memory, { start: first * PAGE_BYTES, end: (first + pages) * PAGE_BYTES })
}

function growBy(memory: KernelMemory, pages: number): number | undefined {
  try {
    return memory.grow(pages)
  } catch {
    return undefined
  }
}
