import type { ColumnMemory } from '@lake/core'
import type { DecodeMemory } from './decode-memory.ts'
import { unclearedMemory } from './uncleared-memory.ts'

/** Memory for the values of a column. */
export interface Room {
  readonly buffer: ArrayBufferLike
  readonly byteOffset: number
  /** Where kernels find it, which may write a few bytes before and behind it too; `undefined` where they do not. */
  readonly at: number | undefined
}

/** Gives memory for the values of columns. */
export interface TakeMemory {
  /** Room for so many bytes. */
  take(bytes: number): Room
  /** The memory of the kernels that find the rooms, if any do. */
  readonly kernels?: DecodeMemory | undefined
}

/** Memory of its own for every array. */
export const FRESH_MEMORY: TakeMemory = { take: (bytes) => wholeRoom(unclearedMemory(bytes)) }

/** Room in memory for one table after the other. */
export function roomIn(memory: Pick<ColumnMemory, 'take'>): TakeMemory {
  return { take: (bytes) => wholeRoom(memory.take(bytes)) }
}

export function wholeRoom(buffer: ArrayBufferLike): Room {
  return { buffer, byteOffset: 0, at: undefined }
}
