export { canonicalJson } from './canonical-json.ts'
export { type ColumnMemory, type ColumnMemoryOptions, createColumnMemory } from './column-memory.ts'
export { COLUMN_MEANINGS } from './column-meanings.ts'
export { decimalValues, flagValues, floatValues, integerValues, nullFlags, wordValues } from './column-values.ts'
export { type DatasetId, formatDatasetId, parseDatasetId } from './dataset-id.ts'
export {
  ADAPTER_CONTRACT,
  type ArchiveFolder,
  type ArchiveListing,
  type ArchiveName,
  type ArchiveQuery,
  type ArchiveRules,
  defineExchange,
  type ExchangeAdapter,
  type ListedFile,
  type ListedPage,
  type SharedFiles,
} from './exchange-adapter.ts'
export { EXACT_SCALE } from './exact-scale.ts'
export type { FileOrder, FileTimeUnit, FormatFingerprint } from './format-fingerprint.ts'
export { bronzeFrameKey, type FramesName, parseFrameKey } from './frame-key.ts'
export type { Gap } from './gap.ts'
export { gridOf } from './grid.ts'
export { DAY_MICROS, dayOf, formatInstant, monthOf, parseInstant } from './instant.ts'
export type { Instrument } from './instrument.ts'
export {
  type FixedInterval,
  type Interval,
  intervalMicros,
  INTERVALS,
  intervalStart,
  isInterval,
  nestsIn,
  nextIntervalStart,
  parseInterval,
} from './interval.ts'
export { hasColumns, isTableOf } from './is-table-of.ts'
export { LakeError, type LakeErrorCode, type LakeErrorOptions } from './lake-error.ts'
export {
  bronzeArchiveKey,
  bronzeFramePrefix,
  bronzePageKey,
  bronzePagePrefix,
  failedMonthsKey,
  goldSeries,
  INVENTORY_PREFIX,
  inventoryKey,
  isLakeTable,
  manifestKey,
  manifestPrefix,
  type PageName,
  parseManifestKey,
  parsePageKey,
  parsePartitionKey,
  partitionKey,
  partitionKind,
  quarantineKey,
  quarantinePrefix,
  parseQuarantineKey,
  outagesKey,
  refusalKey,
  REBUILD_PREFIX,
  rebuildKey,
  type Series,
  seriesPrefix,
  silverDataset,
  silverSeries,
  type SilverTable,
  silverTable,
  sourceInventoryKey,
  sourceInventoryPrefix,
  versionKey,
} from './lake-path.ts'
export type { LiveChannel, LiveEndpoint, LiveRules, LiveStream, SubscriptionAnswer } from './live-rules.ts'
export {
  type ColumnValues,
  constantWord,
  decimalColumn,
  type DecimalColumn,
  makeTable,
  type NullableFloats,
  type NullableIntegers,
  type PackedFlags,
  type WordColumn,
} from './make-table.ts'
export { microsOf, timesOf } from './micros.ts'
export type { GetOptions, ListOptions, ObjectInfo, ObjectStore, PutOptions, StoredObject } from './object-store.ts'
export type { KnownOutage } from './outage.ts'
export type { PageFilter, PageFormat } from './page-format.ts'
export { type FileTimes, parsePeriod, type Period, periodsIn, reachOf } from './period.ts'
export type { PageEnvelope, RawPage } from './raw-page.ts'
export { collectBytes, readObject } from './read-object.ts'
export {
  certificateKey,
  certificatePrefix,
  crossCheckKey,
  type CrossCheckName,
  crossCheckPrefix,
  restatementKey,
  type VersionChange,
} from './report-path.ts'
export type {
  InstrumentSource,
  PageAsk,
  PageWalk,
  RateBudget,
  RestEndpoint,
  RestRules,
  RestSeries,
} from './rest-rules.ts'
export { roundDecimals } from './round-decimals.ts'
export { type RowIdentity, rowIdentity } from './row-identity.ts'
export { rowsKnownAt } from './rows-known-at.ts'
export type { SourceColumn, SourceColumnKind, SourceFormat, SourceVariant, TimeUnit } from './source-format.ts'
export { unreadElsewhere, type UnreadFiles, unreadFiles } from './unread-files.ts'
export { respellSymbol, type SymbolSpelling } from './symbol-spelling.ts'
export {
  type Columns,
  type ExactColumns,
  type ExactDecimals,
  type ExactTable,
  type GoldTable,
  type LakeTable,
  tableSchema,
} from './table.ts'
export { formatTimeRange, parseTimeRange, rangeContains, rangesOverlap, type TimeRange } from './time-range.ts'
export {
  type BarType,
  DATA_TYPES,
  type DataType,
  isBarType,
  type Market,
  MARKETS,
  ROW_SOURCES,
  type RowSource,
} from './vocabulary.ts'
