import type { ColumnMemory } from '@lake/core'

export type { ColumnMemory }

/** Memory of its own for every array. */
export const FRESH_MEMORY: Pick<ColumnMemory, 'take'> = { take: (bytes) => new ArrayBuffer(bytes) }
