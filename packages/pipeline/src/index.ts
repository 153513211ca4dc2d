export { defineLake, type Lake, type LakeConfig } from './define-lake.ts'
export {
  type DiscoverReport,
  type DiscoverRequest,
  discoverSource,
  type DiscoverSourceOptions,
} from './discover-source.ts'
export type { SourceAccess } from './open-source.ts'
export { type DatasetPlan, type MonthPlan, planDataset, planRun, type RunPlan } from './plan-run.ts'
export { runPipeline, type RunOptions } from './run-pipeline.ts'
export type { DatasetReport, RunFailure, RunProgress, RunReport } from './run-report.ts'
export { DEFAULT_GOLD, requestedDatasets, type RunRequest } from './run-request.ts'
export {
  planSync,
  type SyncOptions,
  type SyncPlan,
  type SyncRequest,
  syncSource,
  type SyncStep,
} from './sync-source.ts'
export { verifyLake, type VerifyLakeOptions } from './verify-lake.ts'
