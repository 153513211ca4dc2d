import { type DecodeMemory, decodeMemory } from './decode-memory.ts'

/**
 * Decodes Parquet's hybrid of run lengths and packed bits into `values`, which says how many there are: see
 * assembly/decode/runs.ts.
 *
 * Written here and not borrowed, because a damaged run length must end in an error and not in gigabytes of rows.
 *
 * @param width bits of a value, 0 to 24
 * @returns the greatest value, or more where values are single bits
 */
export function decodeRuns(bytes: Uint8Array, width: number, values: Int32Array | Uint8Array): number {
  const memory = decodeMemory()
  const { at, greatest } = placeRuns(memory, bytes, { width, count: values.length, size: values.BYTES_PER_ELEMENT })
  memory.read(at, values)
  return greatest
}

/** How values are packed, and how they shall be laid down. */
export interface RunsForm {
  readonly width: number
  readonly count: number
  /** Bytes that each value shall have: 1 or 4. */
  readonly size: number
  /** Room that is wanted behind the values. */
  readonly more?: number
}

/** Where values lie in the memory of the kernels, and the greatest of them. */
export interface PlacedRuns {
  readonly at: number
  readonly greatest: number
}

/** Leaves the values in the memory of the kernels. */
export function placeRuns(memory: DecodeMemory, bytes: Uint8Array, form: RunsForm): PlacedRuns {
  const { width, count, size, more = 0 } = form
  if (width > 24) throw new Error(`values of ${width} bits are not supported`)
  const { input, length, output } = memory.place(bytes, size * count + more)
  const { kernels } = memory
  const decode = size === 1 ? kernels.decodeFlags : kernels.decodeCodes
  const greatest = decode(input, length, width, output, count)
  if (greatest < 0) throw new Error('a page ends before its values do')
  return { at: output, greatest }
}
