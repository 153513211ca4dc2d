/** Where columns get the memory of their values from. */
export interface ColumnMemory {
  /**
   * Memory of at least so many bytes, aligned for numbers, that holds whatever it held: every value is set before a
   * table has it.
   */
  take(bytes: number): ArrayBuffer
  /** Takes memory for its own that it gave away before, and that came back from another thread as another object. */
  give(memory: ArrayBuffer): void
  /** Says that no table which was made from this memory is read any more: from now on it is given again. */
  reuse(): void
}

export interface ColumnMemoryOptions {
  /**
   * So many bytes are kept for the next tables, 16 MiB by default: those of a month of candles. Arrays that take more
   * than a sixteenth of it are not kept: they are seldom made, and would stay for the rest of the process.
   */
  readonly mostKept?: number | undefined
}

const MOST_KEPT = 2 ** 24

/**
 * Memory for one table after the other. Arrays lie outside of the engine's heap, and its garbage collector marks all of
 * that heap whenever so many megabytes of them were made; new memory is also cleared, page by page, by the system. A
 * thread that makes many files of many tables spends a sixth of its time on that, one that only reads them a third, and
 * none of it where each table gets the arrays of the last.
 *
 * Whoever makes the memory says when tables are done with: after {@link ColumnMemory.reuse} their values change.
 *
 * @example
 * const memory = createColumnMemory({ mostKept: 2 ** 28 })
 * for (const file of files) {
 *   console.log(file, sum(floatValues(await readParquet(file, { memory }), 'volume')))
 *   memory.reuse()
 * }
 */
export function createColumnMemory({ mostKept = MOST_KEPT }: ColumnMemoryOptions = {}): ColumnMemory {
  let free: ArrayBuffer[] = []
  let lent: ArrayBuffer[] = []
  return {
    take(bytes) {
      if (16 * bytes > mostKept) return new ArrayBuffer(bytes)
      const found = free.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes)
      const [memory = new ArrayBuffer(roomFor(bytes))] = found < 0 ? [] : free.splice(found, 1)
      lent.push(memory)
      return memory
    },
    give(memory) {
      if (memory.byteLength <= roomFor(mostKept / 16)) lent.push(memory)
    },
    reuse() {
      let kept = 0
      // What went to another thread has no bytes left.
      free = [...lent, ...free].filter(({ byteLength }) => byteLength > 0 && (kept += byteLength) <= mostKept)
      lent = []
    },
  }
}

/** A little more than asked for: months have more days than others, and are to fit all the same. */
function roomFor(bytes: number): number {
  return Math.ceil(bytes / 64) * 72
}
