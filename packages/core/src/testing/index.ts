export { ARROW_OF_KIND } from './arrow-of-kind.ts'
export { type ArchiveServer, type ArchiveServerOptions, startArchiveServer } from './archive-server.ts'
export { bundleProgram, type BundleProgramOptions } from './bundle-program.ts'
export { countingStore, type OperationCounts } from './counting-store.ts'
export { describeExchange } from './describe-exchange.ts'
export { describeObjectStore } from './describe-object-store.ts'
export { describeReadableStore, type OpenedStore } from './describe-readable-store.ts'
export {
  type ExchangeFixtures,
  type ExchangeParsers,
  type FileFixture,
  type FixtureRows,
  type FixtureValue,
  type FrameFixture,
  type InstrumentsFixture,
  type PageFixture,
  readExchangeFixtures,
  type StoredFixtures,
} from './exchange-fixtures.ts'
export { type Faults, faultyStore } from './faulty-store.ts'
export { readPageSlowly, type SlowRow } from './read-page-slowly.ts'
export { STORE_OPERATIONS, type StoreOperation } from './store-operation.ts'
export { type Row, rowsOfTable, type RowValue, tableOfRows } from './table-rows.ts'
