import {
  type KeptBytes,
  keptBytes,
  type KnownFile,
  type MovedFile,
  settleCopy,
  transferArchive,
  type TransferredFile,
} from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { inOrder } from './in-order.ts'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'
import type { RefusedFile } from './refused-file.ts'
import { isRefusal } from './refused-input.ts'

/** The files of a month that lie in bronze now, and what stopped the others. */
export interface MonthArrival {
  readonly landed: readonly TransferredFile[]
  /** What was read of the bucket to be verified, and need not be read again to be parsed. */
  readonly kept?: KeptBytes | undefined
  /** Those that are not what was published: nothing of them was stored. */
  readonly refused: readonly RefusedFile[]
  /** Absent when all others are there. */
  readonly error?: Error | undefined
}

export interface TransferMonthOptions {
  readonly lake: Lake
  readonly plan: DatasetPlan
  readonly month: MonthPlan
  /** What the lake holds already, by source key. */
  readonly inventory: ReadonlyMap<string, InventoryFile>
  /** Files that the server has just copied into bronze, by source key. Nobody has read them. */
  readonly copied?: ReadonlyMap<string, MovedFile> | undefined
  readonly onFile: (sourceKey: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Takes the files of a month into bronze, verified. Never rejects: a failure is part of what it gives. */
export async function transferMonth(options: TransferMonthOptions): Promise<MonthArrival> {
  const { lake, plan, month, inventory, onFile, signal } = options
  const landed: TransferredFile[] = []
  const refused: RefusedFile[] = []
  const kept = keptBytes()
  try {
    const settled = await settleCopies(options, kept)
    const asTaken = (file: TransferredFile): TransferredFile =>
      settled.has(file.sourceKey) ? { ...file, skipped: false } : file
    const transfer = transferArchive({
      files: month.files,
      source: plan.source,
      target: lake.store,
      known: (file) => settled.get(file.key) ?? inventory.get(file.key),
      kept,
      onTransferred: (file) => {
        landed.push(asTaken(file))
        onFile(file.sourceKey)
      },
      leaveOut: ({ key: sourceKey }, error) => {
        if (!isRefusal(error)) return false
        refused.push({ sourceKey, error })
        return true
      },
      signal,
    })
    const files: TransferredFile[] = []
    for await (const file of transfer) files.push(asTaken(file))
    return { landed: files, kept, refused }
  } catch (error) {
    return { landed, refused, error: error instanceof Error ? error : new Error('aborted', { cause: error }) }
  }
}

const READS = 8

/** What was copied is read once, here; where it is not what was published, it is taken away and streamed with all checks. */
async function settleCopies(
  { lake, month, copied, signal }: TransferMonthOptions,
  kept: KeptBytes,
): Promise<ReadonlyMap<string, KnownFile>> {
  const settled = new Map<string, KnownFile>()
  const files = month.files.flatMap(({ key }) => copied?.get(key) ?? [])
  const work = async (moved: MovedFile): Promise<void> => {
    const known = await settleCopy({ target: lake.store, moved, kept, signal })
    if (known !== undefined) settled.set(moved.file.key, known)
  }
  for await (const _ of inOrder(files, READS, work)) signal?.throwIfAborted()
  return settled
}
