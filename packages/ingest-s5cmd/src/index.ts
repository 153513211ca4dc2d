export type { ArchiveChange, ChangedPart } from './archive-change.ts'
export type { ArchiveFile, PlannedFile } from './archive-file.ts'
export {
  type ArchiveMatrix,
  buildMatrix,
  createMatrix,
  type MatrixBuilder,
  type MatrixRow,
  matrixTable,
  type TextTable,
} from './archive-matrix.ts'
export type { ArchiveScope } from './archive-scope.ts'
export { type AskOptions, askPage, type AskPage } from './ask-page.ts'
export { chooseMode, type ChooseModeOptions, type ModeDecision, type TransferMode } from './choose-mode.ts'
export { type CollectionRequest, parseCollectionRequest, type RequestIssue } from './collection-request.ts'
export { type CountedFolders, countedFolders } from './counted-folders.ts'
export { detectS5cmd, type DetectOptions, type S5cmd, type S5cmdDetection } from './detect-s5cmd.ts'
export { discoverArchive, type DiscoverOptions } from './discover-archive.ts'
export {
  type AffectedPartition,
  findRestatements,
  partitionsOfReplaced,
  type PartitionsOfOptions,
  type Restatement,
  type RestatementOptions,
} from './find-restatements.ts'
export { historyStore } from './history-store.ts'
export { type KeptBytes, keptBytes } from './kept-bytes.ts'
export { missingFiles, type MissingFilesOptions } from './missing-files.ts'
export { parseChecksum } from './parse-checksum.ts'
export { type CollectionOptions, type CollectionPlan, planCollection } from './plan-collection.ts'
export { type DatasetFilesOptions, planDatasetFiles } from './plan-dataset-files.ts'
export { planTransfer, type PlanOptions } from './plan-transfer.ts'
export { type Preflight, type PreflightOptions, preflightTransfer } from './preflight-transfer.ts'
export { processRunner } from './process-runner.ts'
export type { IgnoredObject } from './read-entries.ts'
export { type OverdueFiles, type OverdueOptions, type OverdueReport, reportOverdue } from './report-overdue.ts'
export { originalKey, restatedKey } from './restated-key.ts'
export type { ProgramEnd, ProgramRun, Runner } from './runner.ts'
export { scanArchive, type ScanOptions } from './scan-archive.ts'
export { summarizeTransfers, type TransferSummary } from './summarize-transfers.ts'
export { settleCopy, type SettleCopyOptions } from './settle-copy.ts'
export { symbolMatcher, type SymbolSelector } from './symbol-selector.ts'
export { throttledStore } from './throttled-store.ts'
export { transferArchive, type TransferArchiveOptions } from './transfer-archive.ts'
export type { MovedFile } from './transfer-context.ts'
export { endOf, type S3End, type TransferEnd } from './transfer-end.ts'
export { transferFile, type TransferFileOptions } from './transfer-file.ts'
export {
  type ModeTrend,
  readTransferHistory,
  saveTransferReport,
  type TransferHistory,
  type TransferHistoryOptions,
} from './transfer-history.ts'
export type { FileReport, TransferReport } from './transfer-report.ts'
export { transfer, type TransferOptions } from './transfer.ts'
export type { KnownFile, TransferProgress, TransferredFile } from './transferred-file.ts'
export { type HeldFile, type Verification, verifyArchive, type VerifyArchiveOptions } from './verify-archive.ts'
