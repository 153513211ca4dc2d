import type { TransferredFile } from '@lake/ingest-s5cmd'
import type { RefusedFile } from './refused-file.ts'
import type { RefusedInput } from './refused-input.ts'

/** The files of a month that were refused, each once, however often it is told. */
export interface RefusedFiles {
  readonly add: (input: RefusedInput) => void
  /** In the order in which they were told first. */
  readonly all: () => readonly RefusedFile[]
}

/**
 * @param arrived the files in bronze, of which inputs are told by their keys there
 * @param before those that were refused on their way
 */
export function openRefusedFiles(arrived: readonly TransferredFile[], before: readonly RefusedFile[]): RefusedFiles {
  const refused = new Map(before.map((file) => [file.sourceKey, file]))
  return {
    add({ file: { key }, error }) {
      const sourceKey = arrived.find((file) => file.key === key)?.sourceKey ?? key
      refused.set(sourceKey, { sourceKey, error })
    },
    all: () => [...refused.values()],
  }
}
