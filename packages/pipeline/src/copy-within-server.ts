import { LakeError } from '@lake/core'
import { chooseMode, detectS5cmd, endOf, type MovedFile, transfer } from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import type { DatasetPlan } from './plan-run.ts'

export interface CopyWithinServerOptions {
  readonly lake: Lake
  readonly plan: DatasetPlan
  /** What the lake holds already, by source key. */
  readonly inventory: ReadonlyMap<string, InventoryFile>
  readonly signal?: AbortSignal | undefined
}

/**
 * Where the source and the lake are buckets between which the server can copy, has it copy the files that are new, all
 * months of the dataset at once; gives those that it copied, by source key. Nobody has read their bytes yet.
 *
 * Never fails for a file or a server: what was not copied is left to the checked way, which meets the same error and
 * says so. Aborts throw `signal.reason`.
 */
export async function copyWithinServer(options: CopyWithinServerOptions): Promise<ReadonlyMap<string, MovedFile>> {
  const { lake, plan, inventory, signal } = options
  const copied = new Map<string, MovedFile>()
  const [source, target] = [endOf(plan.source), endOf(lake.store)]
  if (source.kind !== 's3' || target.kind !== 's3') return copied
  const fresh = plan.months.flatMap(({ files }) => files.filter(({ key }) => !inventory.has(key)))
  const modes = chooseMode({ files: fresh, source, target, s5cmd: true })
  const files = fresh.filter((_, index) => modes[index]?.mode === 'direct')
  if (files.length === 0) return copied
  const { s5cmd } = await detectS5cmd({ signal })
  if (s5cmd === undefined) return copied
  try {
    await transfer({
      ...{ files, source: plan.source, target: lake.store, listed: plan.listed, s5cmd, signal },
      failureLimit: files.length,
      onMoved: (moved) => {
        if (!moved.skipped) copied.set(moved.file.key, moved)
      },
    })
  } catch (error) {
    signal?.throwIfAborted()
    if (!LakeError.is(error)) throw error
  }
  return copied
}
