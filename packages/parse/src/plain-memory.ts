import { createPlainRowsKernels, type PlainRowsKernels } from './plain-rows-kernels.ts'

/** So many rows, or bytes, are copied into the memory of the kernel at once: few enough for the second-level cache. */
export const CHUNK_ROWS = 2048
export const CHUNK_BYTES = 131_072

/** Sizes of the structures in assembly/plain-rows/rows.ts. */
export const COLUMN_BYTES = 40
export const LONG_CELL_BYTES = 16
const OUTCOME_BYTES = 16

/** What is read in front of the rows and behind them. */
const MARGIN = 32
/** The first page is the kernel's own. */
const FIRST = 65_536
const PAGE = 65_536

/** The memory of the kernel that reads plain rows, and what lies where in it. */
export interface PlainMemory {
  readonly kernels: PlainRowsKernels
  readonly view: DataView
  readonly bytes: Uint8Array
  readonly floats: Float64Array
  readonly words: Int32Array
  readonly outcome: number
  readonly columns: number
  readonly input: number
  /** Where the values of the first column go; those of the next are `CHUNK_ROWS` numbers on. */
  readonly values: number
  readonly longCells: number
}

let shared: PlainMemory | undefined
let room = 0

/** That of this thread, with room for so many columns. It keeps nothing from one chunk of rows to the next. */
export function plainMemory(columnCount: number): PlainMemory {
  if (shared === undefined || columnCount > room) {
    shared = makeMemory(shared?.kernels ?? createPlainRowsKernels(), columnCount)
    room = columnCount
  }
  return shared
}

function makeMemory(kernels: PlainRowsKernels, columnCount: number): PlainMemory {
  const columns = FIRST + OUTCOME_BYTES
  const input = aligned(columns + columnCount * COLUMN_BYTES + MARGIN)
  const values = aligned(input + CHUNK_BYTES + MARGIN)
  const longCells = values + columnCount * CHUNK_ROWS * 8
  const size = longCells + columnCount * CHUNK_ROWS * LONG_CELL_BYTES
  kernels.memory.grow(Math.max(0, Math.ceil((size - kernels.memory.buffer.byteLength) / PAGE)))
  const { buffer } = kernels.memory
  return {
    kernels,
    view: new DataView(buffer),
    bytes: new Uint8Array(buffer),
    floats: new Float64Array(buffer),
    words: new Int32Array(buffer),
    outcome: FIRST,
    columns,
    input,
    values,
    longCells,
  }
}

function aligned(address: number): number {
  return (address + 15) & ~15
}
