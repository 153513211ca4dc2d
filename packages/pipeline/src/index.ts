export { certifyLake, type CertifyOptions, type CertifyReport, type CertifyRequest } from './certify-lake.ts'
export type { CertifiedPartition } from './certify-partition.ts'
export type { CrossChecked } from './cross-check-lake.ts'
export type { CrossCheckReport, CrossCheckRow } from './cross-check-report.ts'
export type { Certificate, ExplainedGap, GapCause, PartComparison } from '@lake/quality'
export { defineLake, type Lake, type LakeConfig } from './define-lake.ts'
export {
  type DiscoverReport,
  type DiscoverRequest,
  discoverSource,
  type DiscoverSourceOptions,
} from './discover-source.ts'
export type { DatasetGaps } from './explain-dataset.ts'
export type { LearnedOutage } from './learned-outage.ts'
export { type GapsRequest, listGaps } from './list-gaps.ts'
export { type HealedReport, healLake, type HealOptions, type HealReport, type HealRequest } from './heal-lake.ts'
export { type LakePolicy, type NamedPolicy, POLICIES } from './lake-policy.ts'
export { DECIMALS } from './decimal-kinds.ts'
export type { LakeDecimals } from './decimal-kinds.ts'
export type { HealedDataset, LeftGap, UnaskedGaps } from './heal-dataset.ts'
export type { LookedAcross } from './look-across.ts'
export type { UnaskedOfVenue } from './unasked-of-venues.ts'
export type { SourceAccess } from './open-source.ts'
export type { LakeContract } from './lake-contract.ts'
export { listQuarantine, type QuarantinedFile, type QuarantineRequest } from './list-quarantine.ts'
export { type ListedSymbol, listSymbols, type SymbolsRequest } from './list-symbols.ts'
export { listUniverse, type Universe, type UniverseRequest } from './list-universe.ts'
export { type DatasetPlan, type MonthPlan, planDataset, planRun, type RunPlan } from './plan-run.ts'
export { type LakeRecordReport, recordLake, type RecordLakeOptions, type RecordRequest } from './record-lake.ts'
export { type ReplayedDataset, replayQuarantine, type ReplayReport } from './replay-quarantine.ts'
export { type ListedRestatement, listRestatements, type RestatementsRequest } from './list-restatements.ts'
export type { ChangedInput, RestatedPartition } from './restated-partition.ts'
export { pruneLake, type PruneRequest } from './prune-lake.ts'
export { runPipeline } from './run-pipeline.ts'
export type { RunOptions } from './run-options.ts'
export type { BlockedReport } from './blocked-report.ts'
export type { FailedReport } from './failed-report.ts'
export type { RunFailure } from './run-failure.ts'
export type { DatasetReport, ReportedConflict, RunProgress, RunReport } from './run-report.ts'
export type { ToldChange } from './told-changes.ts'
export { DEFAULT_GOLD, requestedDatasets, type RunRequest } from './run-request.ts'
export {
  planSync,
  type SyncOptions,
  type SyncPlan,
  type SyncRequest,
  syncSource,
  type SyncStep,
} from './sync-source.ts'
export {
  type UpdatedReport,
  updateLake,
  type UpdateOptions,
  type UpdateReport,
  type UpdateRequest,
} from './update-lake.ts'
export type { UpdatedDataset } from './update-dataset.ts'
export type { VenueConfig } from './venues.ts'
export { heldPassedOver, type PassedOverFile } from './passed-over.ts'
export { parseVenueUrls, type VenueUrls } from './venue-urls.ts'
export { verifyLake, type VerifyLakeOptions } from './verify-lake.ts'
export type { DatasetQuality, QualityDay } from './measure-dataset.ts'
export { measureQuality, type QualityRequest } from './measure-quality.ts'
export { type QualityTable, qualityTable } from './quality-table.ts'
