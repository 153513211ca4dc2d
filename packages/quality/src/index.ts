export {
  type CheckResult,
  checkTable,
  type CheckTableOptions,
  type QualityReport,
  type Violation,
} from './check-table.ts'
export { checkName } from './checked-columns.ts'
export { contractFor, type ContractOptions } from './contract-for.ts'
export { type Check, type Contract, defineContract, type Severity } from './contract.ts'
export { diffTables, type DiffTablesOptions, type RowChange, type TableDiff } from './diff-tables.ts'
export { exactSum } from './exact-sum.ts'
export { explainGaps, type ExplainedGap, type ExplainGapsOptions } from './explain-gaps.ts'
export { findDefects, type FindDefectsOptions } from './find-defects.ts'
export type { DayDefect } from './day-defect.ts'
export { findFundingGaps } from './find-funding-gaps.ts'
export { type BarTable, findGaps, type FindGapsOptions } from './find-gaps.ts'
export { type AggTradeIds, findIdGaps, type IdGap } from './find-id-gaps.ts'
export { findSilences, type FindSilencesOptions } from './find-silences.ts'
export {
  type FileEvidence,
  GAP_CAUSES,
  type GapCause,
  type GapEvidence,
  type GapFiller,
  type Listing,
  type RunEvidence,
  type SeriesEvidence,
  type SiblingEvidence,
  type SourceEvidence,
  type TradeEvidence,
} from './gap-evidence.ts'
export type { PublicationDelay } from './indexed-evidence.ts'
export type { GapFact, GapFinding } from './judge-piece.ts'
export { learnOutages } from './learn-outages.ts'
export { type BarCoverage, measureBars, type MeasureBarsOptions, type NoTrades } from './measure-bars.ts'
export {
  type Completeness,
  type DayCompleteness,
  measureCompleteness,
  type MeasureCompletenessOptions,
} from './measure-completeness.ts'
export {
  type Certificate,
  type CertificateInput,
  type CertificatePart,
  type PartComparison,
  type PartSummary,
  reconcile,
  type ReconcileOptions,
} from './reconcile.ts'
export type { PlainValue } from './row-columns.ts'
export { rowsKnownAt } from '@lake/core'
export type { References } from './run-check.ts'
export { tradesAcross } from './trades-across.ts'
export { type InstrumentEpoch, universe } from './universe.ts'
