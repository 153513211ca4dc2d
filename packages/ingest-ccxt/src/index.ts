export { type ReadPagesOptions, readPages, writePage } from './bronze-pages.ts'
export { ccxtExchange, type CcxtExchangeOptions } from './ccxt-exchange.ts'
export { CCXT_QUIRKS, type CcxtQuirks } from './ccxt-quirks.ts'
export { ccxtTransport } from './ccxt-transport.ts'
export { type Clock, systemClock } from './clock.ts'
export { createTransport, type CreateTransportOptions } from './create-transport.ts'
export { type Credentials, type CredentialsSource, environmentCredentials } from './credentials.ts'
export { fetchInstruments, type FetchInstrumentsOptions } from './fetch-instruments.ts'
export { fetchRange, type FetchRangeOptions, type VenueOptions } from './fetch-range.ts'
export type { FetchReport, SeriesReport } from './fetch-report.ts'
export { fetchTransport, type FetchTransportOptions } from './fetch-transport.ts'
export { ingestRange, type IngestRangeOptions, type IngestReport } from './ingest-range.ts'
export { type Coverage, type CoverageGap, readCoverage, type ReadCoverageOptions } from './live/read-coverage.ts'
export { readFrames, type ReadFramesOptions, readFramesPage, type ReadFramesPageOptions } from './live/read-frames.ts'
export { type LiveEvent, recordLive, type RecordOptions, type RecordReport } from './live/record-live.ts'
export type { CcxtTransportOptions } from './open-ccxt.ts'
export { decodePage, encodePage } from './page-file.ts'
export {
  type BudgetNews,
  createRateLimiter,
  type RateClaim,
  type RateLimiter,
  type RateLimiterOptions,
} from './rate-limiter.ts'
export type { RestReply, RestRequest, RestTransport } from './rest-transport.ts'
export { unifiedTransport } from './unified-transport.ts'
