import { type DatasetId, formatDatasetId } from '@lake/core'
import type { InventoryFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { type InventoryRecorder, openInventoryRecorder } from './inventory-recorder.ts'
import type { MonthPlan } from './plan-run.ts'

/**
 * The inventories of the files of many instruments that a dataset is made of. Such a file lies in bronze once: what one
 * instrument has brought in, the others find there, and nobody takes it away from them.
 */
export interface SharedInventories {
  /** What they hold, by source key. */
  readonly held: ReadonlyMap<string, InventoryFile>
  /** Records those of the files that hold many instruments; what they look like depends on who reads them. */
  add(files: readonly InventoryFile[]): void
  /** Waits until all is recorded; throws what recording failed with. */
  settle(): Promise<void>
}

export async function openSharedInventories(
  lake: Lake,
  dataset: DatasetId,
  months: readonly MonthPlan[],
): Promise<SharedInventories> {
  const own = formatDatasetId(dataset)
  const owners = new Map<string, string>()
  const recorders = new Map<string, InventoryRecorder>()
  const held = new Map<string, InventoryFile>()
  for (const file of months.flatMap(({ files, days }) => [...files, ...days])) {
    const name = formatDatasetId(file.dataset)
    if (name === own) continue
    owners.set(file.key, name)
    if (recorders.has(name)) continue
    recorders.set(name, openInventoryRecorder(lake.ledger, file.dataset))
    for (const one of await lake.ledger.inventory(file.dataset)) held.set(one.sourceKey, one)
  }
  return {
    held,
    add: (files) => {
      for (const [name, recorder] of recorders) {
        const some = files.filter(({ sourceKey }) => owners.get(sourceKey) === name)
        if (some.length > 0) recorder.add(some.map((file) => ({ ...file, fingerprint: undefined })))
      }
    },
    settle: async () => {
      for (const recorder of recorders.values()) await recorder.settle()
    },
  }
}
