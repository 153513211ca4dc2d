import type { ColumnMemory } from '@lake/core'
import { unclearedMemory } from './uncleared-memory.ts'

/** Where the values of a table are collected. */
export type TakeMemory = Pick<ColumnMemory, 'take'>

/** Memory of its own for every array. */
export const FRESH_MEMORY: TakeMemory = { take: unclearedMemory }
