import type { DatasetId } from '@lake/core'
import type { InventoryFile, Ledger } from '@lake/ledger'

/** Records files in the inventory of a dataset while other work goes on. */
export interface InventoryRecorder {
  /** Takes files; they are recorded with the others that come while the inventory is being written. */
  add(files: readonly InventoryFile[]): void
  /** Waits until all is recorded; throws what recording failed with. */
  settle(): Promise<void>
}

/**
 * A recorder that writes the inventory once for all that has come since the last time, so that many months cost few
 * writes. A run that is killed before has recorded less than it holds, which the next one finds out.
 */
export function openInventoryRecorder(ledger: Ledger, dataset: DatasetId): InventoryRecorder {
  let waiting: InventoryFile[] = []
  let writing: Promise<void> | undefined
  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const files = waiting
      waiting = []
      await ledger.recordInventory(dataset, files)
    }
  }
  return {
    add: (files) => {
      waiting.push(...files)
      const before = writing ?? Promise.resolve()
      writing = before.then(write)
      // A failure is told when all is settled.
      writing.catch(() => undefined)
    },
    settle: async () => writing,
  }
}
