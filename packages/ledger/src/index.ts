export { blockPartition, type BlockOptions } from './block-partition.ts'
export type { BlockedPartition } from './blocked-partition.ts'
export { type Committed, commitPartition, type CommitOptions } from './commit-partition.ts'
export { type FailedMonth, readFailedMonths, recordFailedMonths } from './failed-months.ts'
export { fingerprintOf, type FingerprintParts } from './fingerprint.ts'
export { filesAt, type FileVersion } from './files-at.ts'
export { type InventoryFile, listInventories, readInventory, recordInventory } from './inventory.ts'
export { type LineageNode, traceLineage } from './lineage.ts'
export {
  type AddedStretch,
  type Manifest,
  type ManifestCommit,
  type ManifestFile,
  parseManifest,
  type SupersededFile,
} from './manifest.ts'
export { type PrunedVersion, type PruneOptions, pruneVersions } from './prune-versions.ts'
export type { ManifestInput, PlainValue } from './manifest-parts.ts'
export { type Ledger, type LedgerOptions, openLedger } from './open-ledger.ts'
export type { PartitionQuality, QualityDefect, QualityFinding } from './partition-quality.ts'
export { readManifest, type StoredManifest } from './read-manifest.ts'
export { listManifests, type ListManifestsOptions } from './list-manifests.ts'
export { MANIFEST_PREFIX } from './manifest-index.ts'
export { type ManifestEntry, type ManifestReader, openManifestReader } from './manifest-reader.ts'
export { rebuildIndex } from './rebuild-index.ts'
export type { ConflictVersion, RowConflict } from './row-conflict.ts'
export { readLearnedOutages, recordLearnedOutages } from './learned-outages.ts'
export { readRefusals, recordRefusals, type Refusal } from './refusals.ts'
export { listRebuildMarks, readRebuildMarks, type RebuildMark, updateRebuildMarks } from './rebuild-marks.ts'
export { readRun, recordRun, runName } from './run-record.ts'
export { sha256Of } from './sha256.ts'
export { listSourceDatasets, readSourceRecords, type SourceRecord, updateSourceRecords } from './source-inventory.ts'
