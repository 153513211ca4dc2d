import {
  type DatasetId,
  formatDatasetId,
  type Interval,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  type TimeRange,
} from '@lake/core'
import type { SourceAccess } from './open-source.ts'

/** What a run shall bring into the lake. */
export interface RunRequest {
  /** The archive: a URL as `openStore` takes it, or a store of your own. */
  readonly source: string | ObjectStore
  /** Where the listing of an HTTP source is served, when that is another place. */
  readonly listingUrl?: string | undefined
  /** Who reads a source in S3; who writes the lake when absent. */
  readonly sourceAccess?: SourceAccess | undefined
  /** At least one; text as in `binance/spot/klines/BTCUSDT/1m`. */
  readonly datasets: readonly (DatasetId | string)[]
  /** Closed-open. Absent: from the first to the last period that the source lists. Whole archive files are taken. */
  readonly range?: TimeRange | undefined
  /**
   * Asks the venues' REST interfaces for what the archive lacks, before gold is made. Not when absent: the library
   * connects to nobody that its caller has not named. `lake run` does unless it is told not to.
   */
  readonly heal?: boolean | undefined
  /** The most gaps to ask for in the whole run, and the most rows in thousands; 100 when absent. */
  readonly healBudget?: number | undefined
  /** The intervals of gold bars; `5m`, `1h` and `1d` when absent, none when empty. */
  readonly gold?: readonly Interval[] | undefined
  /** A cap on what comes from the source. */
  readonly bytesPerSecond?: number | undefined
}

/** The gold intervals of a run that does not name any. */
export const DEFAULT_GOLD: readonly Interval[] = ['5m', '1h', '1d']

/**
 * The datasets of a request, each once, in the order of the request.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when there is none, or when one is malformed.
 */
export function requestedDatasets(request: Pick<RunRequest, 'datasets'>): DatasetId[] {
  const datasets = new Map<string, DatasetId>()
  for (const given of request.datasets) {
    const dataset = typeof given === 'string' ? parseDatasetId(given) : given
    datasets.set(formatDatasetId(dataset), dataset)
  }
  if (datasets.size > 0) return [...datasets.values()]
  throw new LakeError(
    'BAD_REQUEST',
    'The request names no dataset. Give at least one, as in binance/spot/klines/BTCUSDT/1m.',
  )
}
