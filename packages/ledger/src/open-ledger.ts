import type { DatasetId, ObjectStore, Series } from '@lake/core'
import { blockPartition, type BlockOptions } from './block-partition.ts'
import { commitPartition, type CommitOptions, type Committed } from './commit-partition.ts'
import { type InventoryFile, readInventory, recordInventory } from './inventory.ts'
import { type LineageNode, traceLineage } from './lineage.ts'
import { listManifests, type ListManifestsOptions } from './list-manifests.ts'
import type { Manifest } from './manifest.ts'
import { readManifest, type StoredManifest } from './read-manifest.ts'
import { rebuildIndex } from './rebuild-index.ts'
import { recordRun, runName } from './run-record.ts'

/** What a lake knows about itself. All of it lies in the lake; a ledger holds no state. */
export interface Ledger {
  readonly store: ObjectStore
  /** Every manifest, or those below a prefix of `_lake/manifests/`, in order of their keys. */
  manifests(options?: ListManifestsOptions): AsyncGenerator<Manifest, void, undefined>
  /** The manifest of a series' month with the etag that a commit needs; `undefined` when there is none. */
  manifest(series: Series, month: string): Promise<StoredManifest | undefined>
  /** Puts a partition's file and swaps its manifest: see {@link commitPartition}. */
  commitPartition(options: Omit<CommitOptions, 'store' | 'now' | 'run'>): Promise<Committed>
  /** Remembers that a partition was computed and is not published: see {@link blockPartition}. */
  blockPartition(options: Omit<BlockOptions, 'store'>): Promise<StoredManifest>
  /** What the lake holds of a dataset's source files. */
  inventory(dataset: DatasetId): Promise<readonly InventoryFile[]>
  /** Adds to, or corrects, the inventory of a dataset. */
  recordInventory(dataset: DatasetId, files: readonly InventoryFile[]): Promise<void>
  /** From a partition back to the bronze files that it was made of. */
  lineage(key: string): Promise<LineageNode>
  /** Rolls up manifests for those who read many of them: see {@link rebuildIndex}. Gives how many documents were put. */
  rebuildIndex(options?: ListManifestsOptions): Promise<number>
  /** Keeps the report of the run that the ledger was opened for, under its name; gives its key. */
  recordRun(report: Readonly<Record<string, unknown>>): Promise<string>
}

export interface LedgerOptions {
  /** The clock, epoch microseconds UTC; the machine's when absent. */
  readonly now?: (() => number) | undefined
  /** Name of the run that commits, as {@link runName} gives it. */
  readonly run?: string | undefined
}

/**
 * The ledger of the lake on a store.
 *
 * @example
 * const ledger = openLedger(openStore('file:./lake-data'))
 * for await (const { series, month, files } of ledger.manifests()) console.log(series.table, month, files.length)
 */
export function openLedger(store: ObjectStore, { now = systemClock, run }: LedgerOptions = {}): Ledger {
  return {
    store,
    manifests: (options) => listManifests(store, options),
    manifest: (series, month) => readManifest(store, series, month),
    commitPartition: (options) => commitPartition({ store, ...options, now: now(), run }),
    blockPartition: (options) => blockPartition({ store, ...options }),
    inventory: async (dataset) => (await readInventory(store, dataset)).files,
    recordInventory: (dataset, files) => recordInventory(store, dataset, files),
    lineage: (key) => traceLineage(store, key),
    rebuildIndex: (options) => rebuildIndex(store, options),
    recordRun: (report) => recordRun(store, run ?? runName(now()), report),
  }
}

function systemClock(): number {
  return Date.now() * 1000
}
