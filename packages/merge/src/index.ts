export { type BatchInput, mergeBatches, type MergeBatchesOptions } from './merge-batches.ts'
export type { MergeConflict, MergeInputReport, MergeReport, MergeValue, MergeVersion } from './merge-report.ts'
export type { MergeInput, MergeOrigin, MergePolicy, MergeSource } from './merge-source.ts'
export { type MergeResult, mergeTables, type MergeTablesOptions } from './merge-tables.ts'
