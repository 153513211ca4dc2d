/** Where columns get the memory of their values from. */
export interface ColumnMemory {
  /**
   * Memory of at least so many bytes, aligned for numbers, that holds whatever it held: every value is set before a
   * table has it.
   */
  take(bytes: number): ArrayBuffer
  /** Says that no table which was made from this memory is read any more: from now on it is given again. */
  reuse(): void
}

/** Arrays above are seldom made, and what they take is given back. */
const LARGEST = 2 ** 20
/** So much is kept for the next tables. */
const MOST_KEPT = 2 ** 24

/**
 * Memory for one table after the other. Arrays lie outside of the engine's heap, and its garbage collector marks all of
 * that heap whenever so many megabytes of them were made; new memory is also cleared, page by page, by the system. A
 * thread that makes many files of many tables spends a sixth of its time on that, and none of it where each file
 * gets the arrays of the last.
 *
 * Whoever makes the memory says when tables are done with: after {@link ColumnMemory.reuse} their values change.
 *
 * @example
 * const memory = createColumnMemory()
 * for (const file of files) {
 *   const { table } = await parseArchiveFile({ ...file, memory })
 *   await store.put(keyOf(file), writeParquet(table))
 *   memory.reuse()
 * }
 */
export function createColumnMemory(): ColumnMemory {
  let free: ArrayBuffer[] = []
  let lent: ArrayBuffer[] = []
  return {
    take(bytes) {
      if (bytes > LARGEST) return new ArrayBuffer(bytes)
      const found = free.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes)
      // A little more than asked for: months have more days than others, and are to fit all the same.
      const [memory = new ArrayBuffer(Math.ceil(bytes / 64) * 72)] = found < 0 ? [] : free.splice(found, 1)
      lent.push(memory)
      return memory
    },
    reuse() {
      let kept = 0
      free = [...lent, ...free].filter(({ byteLength }) => (kept += byteLength) <= MOST_KEPT)
      lent = []
    },
  }
}

/** Memory of its own for every array. */
export const FRESH_MEMORY: Pick<ColumnMemory, 'take'> = { take: (bytes) => new ArrayBuffer(bytes) }
