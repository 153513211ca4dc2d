import { type DecodeMemory, decodeMemory } from './decode-memory.ts'

// Parquet's hybrid of run lengths and packed bits: see assembly/decode/runs.ts. Written here and not borrowed, because a
// damaged run length must end in an error and not in gigabytes of rows.

/** How codes are packed, and the room that is wanted. */
export interface CodesForm {
  /** Bits of a code, 0 to 24. */
  readonly width: number
  readonly count: number
  /** Bytes of room that are wanted besides. */
  readonly more?: number
  /** Where the codes shall lie, and as much behind them may be overwritten as kernels do; by default where there is room. */
  readonly place?: number | undefined
}

/** Where codes of four bytes lie in the memory of the kernels, and the greatest of them. */
export interface PlacedCodes {
  readonly at: number
  /** Where there is the room that was wanted besides. */
  readonly room: number
  readonly greatest: number
}

/** Decodes codes and leaves them in the memory of the kernels. */
export function placeCodes(memory: DecodeMemory, bytes: Uint8Array, form: CodesForm): PlacedCodes {
  const { width, count, more = 0, place } = form
  if (width > 24) throw new Error(`values of ${width} bits are not supported`)
  const own = place === undefined ? 4 * count : 0
  const { input, length, output } = memory.place(bytes, own + more)
  const at = place ?? output
  const greatest = memory.kernels.decodeCodes(input, length, width, at, count)
  if (greatest < 0) throw new Error(ENDS_EARLY)
  return { at, room: output + own, greatest }
}

/** Where single bits lie in the memory of the kernels, a byte each, and how many of them are ones. */
export interface PlacedBits {
  readonly at: number
  readonly ones: number
}

/** Decodes single bits and leaves them in the memory of the kernels. */
export function placeBits(memory: DecodeMemory, bytes: Uint8Array, count: number): PlacedBits {
  const { input, length, output } = memory.place(bytes, count)
  const ones = memory.kernels.decodeFlags(input, length, output, count)
  if (ones < 0) throw new Error(ENDS_EARLY)
  return { at: output, ones }
}

/** Decodes single bits into `flags`, which says how many there are. */
export function decodeBits(bytes: Uint8Array, flags: Uint8Array): void {
  const memory = decodeMemory()
  memory.read(placeBits(memory, bytes, flags.length).at, flags)
}

const ENDS_EARLY = 'a page ends before its values do, or has other ones'
