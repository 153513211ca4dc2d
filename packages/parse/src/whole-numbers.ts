/*
 * Loops over all times of a file: see assembly/plain-rows/integers.ts. In JavaScript each would be interpreted for most
 * of the first file, and compiled in every thread.
 */
import { CHUNK_BYTES, type PlainMemory, plainMemory } from './plain-memory.ts'

const CHUNK_VALUES = CHUNK_BYTES / 8

/** What whole numbers are, from first to last. */
export interface NumberSpan {
  readonly least: number
  readonly greatest: number
  /** Whether one is more than the one before it. */
  readonly rises: boolean
  /** Whether one is less than the one before it. */
  readonly falls: boolean
}

/** Looks at numbers from 0 to 2^53 - 1, one of them at least. */
export function spanOf(values: BigInt64Array): NumberSpan {
  const memory = plainMemory(1)
  const { kernels, input } = memory
  let least = Infinity
  let greatest = 0
  let steps = 0
  // Each chunk begins with the last value of the one before.
  for (let from = 0; from === 0 || from < values.length - 1; from += CHUNK_VALUES - 1) {
    const count = placeChunk(values, from, memory)
    steps |= kernels.stepsOf(input, count)
    least = Math.min(least, kernels.leastOf(input, count))
    greatest = Math.max(greatest, kernels.greatestOf(input, count))
  }
  return { least, greatest, rises: (steps & 1) !== 0, falls: (steps & 2) !== 0 }
}

/** Sets `sums` to the values, each with `add`, from 0 to 2^53, added. */
export function addToAll(values: BigInt64Array, add: number, sums: BigInt64Array): void {
  const memory = plainMemory(1)
  const { kernels, input } = memory
  for (let from = 0; from < values.length; from += CHUNK_VALUES) {
    const count = placeChunk(values, from, memory)
    kernels.addToAll(input, count, add)
    sums.set(new BigInt64Array(memory.bytes.buffer, input, count), from)
  }
}

/** Copies the next values to where kernels find them, and gives their number. */
function placeChunk(values: BigInt64Array, from: number, { bytes, input }: PlainMemory): number {
  const count = Math.min(CHUNK_VALUES, values.length - from)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset + 8 * from, 8 * count), input)
  return count
}
