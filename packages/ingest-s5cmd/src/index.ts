export type { ArchiveFile, PlannedFile } from './archive-file.ts'
export { chooseMode, type ChooseModeOptions, type ModeDecision, type TransferMode } from './choose-mode.ts'
export { detectS5cmd, type DetectOptions, type S5cmd, type S5cmdDetection } from './detect-s5cmd.ts'
export { discoverArchive, type DiscoverOptions, type IgnoredObject } from './discover-archive.ts'
export { parseChecksum } from './parse-checksum.ts'
export { planTransfer, type PlanOptions } from './plan-transfer.ts'
export { type Preflight, type PreflightOptions, preflightTransfer } from './preflight-transfer.ts'
export { processRunner } from './process-runner.ts'
export { originalKey, restatedKey } from './restated-key.ts'
export type { ProgramEnd, ProgramRun, Runner } from './runner.ts'
export { summarizeTransfers, type TransferSummary } from './summarize-transfers.ts'
export { transfer, type TransferOptions } from './transfer.ts'
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
export type { KnownFile, TransferProgress, TransferredFile } from './transferred-file.ts'
export { type HeldFile, type Verification, verifyArchive, type VerifyArchiveOptions } from './verify-archive.ts'
