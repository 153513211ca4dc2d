import { transferArchive, type TransferredFile } from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'

/** The files of a month that lie in bronze now, and what stopped the others. */
export interface MonthArrival {
  readonly landed: readonly TransferredFile[]
  /** Absent when all are there. */
  readonly error?: Error | undefined
}

export interface TransferMonthOptions {
  readonly lake: Lake
  readonly plan: DatasetPlan
  readonly month: MonthPlan
  /** What the lake holds already, by source key. */
  readonly inventory: ReadonlyMap<string, InventoryFile>
  readonly onFile: (sourceKey: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Takes the files of a month into bronze, verified. Never rejects: a failure is part of what it gives. */
export async function transferMonth(options: TransferMonthOptions): Promise<MonthArrival> {
  const { lake, plan, month, inventory, onFile, signal } = options
  const landed: TransferredFile[] = []
  try {
    const transfer = transferArchive({
      files: month.files,
      source: plan.source,
      target: lake.store,
      known: (file) => inventory.get(file.key),
      onTransferred: (file) => {
        landed.push(file)
        onFile(file.sourceKey)
      },
      signal,
    })
    const files: TransferredFile[] = []
    for await (const file of transfer) files.push(file)
    return { landed: files }
  } catch (error) {
    return { landed, error: error instanceof Error ? error : new Error('aborted', { cause: error }) }
  }
}
