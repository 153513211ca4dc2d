import { type DatasetId, formatDatasetId, parseDatasetId } from './dataset-id.ts'
import { monthOf } from './instant.ts'
import { type Interval, isInterval } from './interval.ts'
import { parsePeriod } from './period.ts'
import type { GoldTable } from './table.ts'
import type { TimeRange } from './time-range.ts'
import { DATA_TYPES, type DataType, type Market, MARKETS } from './vocabulary.ts'

const SILVER_TABLES = {
  klines: 'klines',
  markPriceKlines: 'mark_klines',
  indexPriceKlines: 'index_klines',
  premiumIndexKlines: 'premium_klines',
  trades: 'trades',
  aggTrades: 'agg_trades',
  fundingRate: 'funding_rates',
  liquidations: 'liquidations',
  bookTicker: 'book_tickers',
  bookDepth: 'book_depth',
  metrics: 'metrics',
  bvolIndex: 'bvol_index',
  eohSummary: 'eoh_summary',
} as const

/** The name of a silver table. */
export type SilverTable = (typeof SILVER_TABLES)[DataType]

/** The silver table of a data type. */
export function silverTable<D extends DataType>(dataType: D): (typeof SILVER_TABLES)[D] {
  return SILVER_TABLES[dataType]
}

/** What a partition belongs to: a table and the series within it. The unit of commit is one of its months. */
export interface Series {
  readonly layer: 'silver' | 'gold'
  readonly table: SilverTable | GoldTable
  readonly exchange: string
  readonly market: Market
  readonly symbol: string
  readonly interval?: Interval | undefined
}

/**
 * The silver series of a dataset.
 *
 * @example
 * partitionKey(silverSeries(parseDatasetId('binance/um/fundingRate/BTCUSDT')), '2026-04')
 * // 'silver/funding_rates/exchange=binance/market=um/symbol=BTCUSDT/month=2026-04/2026-04.parquet'
 */
export function silverSeries(id: DatasetId): Series {
  const { exchange, market, symbol, interval } = id
  return { layer: 'silver', table: silverTable(id.dataType), exchange, market, symbol, interval }
}

/** The gold series of a dataset at an interval. */
export function goldSeries(table: GoldTable, id: DatasetId, interval: Interval): Series {
  return { layer: 'gold', table, exchange: id.exchange, market: id.market, symbol: id.symbol, interval }
}

/**
 * Tick tables are cut by day, everything slower by month.
 *
 * @example
 * partitionKind(parseDatasetId('binance/spot/klines/BTCUSDT/1m')) // 'month'
 * partitionKind(parseDatasetId('binance/spot/trades/BTCUSDT')) // 'day'
 */
export function partitionKind(id: DatasetId): 'day' | 'month' {
  if (id.interval !== undefined) return id.interval === '1s' ? 'day' : 'month'
  return id.dataType === 'fundingRate' || id.dataType === 'metrics' || id.dataType === 'eohSummary' ? 'month' : 'day'
}

/** `silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/`: the folder of a series. */
export function seriesPrefix(series: Series): string {
  const { layer, table, exchange, market, symbol, interval } = series
  const stem = `${layer}/${table}/exchange=${exchange}/market=${market}/symbol=${encodeURIComponent(symbol)}/`
  return interval === undefined ? stem : `${stem}interval=${interval}/`
}

/**
 * The key of a partition's file.
 *
 * @param label `2024-01` for a month, `2024-01-31` for a day
 * @throws {@link LakeError} `BAD_REQUEST` when the label is neither.
 *
 * @example
 * partitionKey(series, '2024-01') // 'silver/klines/.../interval=1m/month=2024-01/2024-01.parquet'
 */
export function partitionKey(series: Series, label: string): string {
  const { label: checked } = parsePeriod(label)
  return `${seriesPrefix(series)}month=${checked.slice(0, 7)}/${checked}.parquet`
}

const PARTITION_KEY =
  /^(silver|gold)\/([a-z_]+)\/exchange=([^/]+)\/market=([^/]+)\/symbol=([^/]+)\/(?:interval=([^/]+)\/)?month=[^/]+\/([^/]+)\.parquet$/

/**
 * What a partition's key says; the inverse of {@link partitionKey}. `undefined` for every other key.
 *
 * @example
 * parsePartitionKey(partitionKey(series, '2024-01')) // { series, label: '2024-01' }
 */
export function parsePartitionKey(key: string): { readonly series: Series; readonly label: string } | undefined {
  const match = PARTITION_KEY.exec(key)
  if (match === null) return undefined
  const [, layer, table = '', exchange = '', market = '', symbol = '', interval, label = ''] = match
  if (!isMarket(market) || !isLakeTable(table) || (interval !== undefined && !isInterval(interval))) return undefined
  const series: Series = {
    layer: layer === 'gold' ? 'gold' : 'silver',
    table,
    exchange,
    market,
    symbol: decodeURIComponent(symbol),
    interval,
  }
  return { series, label }
}

function isMarket(text: string): text is Market {
  return MARKETS.some((market) => market === text)
}

/** True for the name of a silver or gold table. */
export function isLakeTable(text: string): text is Series['table'] {
  return text === 'bars' || text === 'funding' || Object.values(SILVER_TABLES).some((table) => table === text)
}

/** `_lake/manifests/klines/binance/spot/BTCUSDT/1m/`: the folder of a series' manifests. */
export function manifestPrefix(series: Series): string {
  const { table, exchange, market, symbol, interval } = series
  const stem = `_lake/manifests/${table}/${exchange}/${market}/${encodeURIComponent(symbol)}/`
  return interval === undefined ? stem : `${stem}${interval}/`
}

/**
 * The key of the manifest of a series' month, `YYYY-MM`.
 *
 * @example
 * manifestKey(silverSeries(parseDatasetId('binance/um/fundingRate/BTCUSDT')), '2026-04')
 * // '_lake/manifests/funding_rates/binance/um/BTCUSDT/2026-04.json'
 */
export function manifestKey(series: Series, month: string): string {
  return `${manifestPrefix(series)}${month}.json`
}

const MANIFEST_KEY = /^_lake\/manifests\/([a-z_]+)\/([^/]+)\/([^/]+)\/([^/]+)\/(?:([^/]+)\/)?(\d{4}-\d\d)\.json$/

/**
 * What a manifest's key says; the inverse of {@link manifestKey}. `undefined` for every other key.
 *
 * @example
 * parseManifestKey(manifestKey(series, '2024-01')) // { series, month: '2024-01' }
 */
export function parseManifestKey(key: string): { readonly series: Series; readonly month: string } | undefined {
  const match = MANIFEST_KEY.exec(key)
  if (match === null) return undefined
  const [, table = '', exchange = '', market = '', symbol = '', interval, month = ''] = match
  if (!isMarket(market) || !isLakeTable(table) || (interval !== undefined && !isInterval(interval))) return undefined
  const layer = isGoldTable(table) ? 'gold' : 'silver'
  return { series: { layer, table, exchange, market, symbol: decodeURIComponent(symbol), interval }, month }
}

function isGoldTable(table: Series['table']): table is GoldTable {
  return table === 'bars' || table === 'funding'
}

/** The key of an archive file in bronze: the source's own key below `bronze/<exchange>/archive/`. */
export function bronzeArchiveKey(exchange: string, sourceKey: string): string {
  return `bronze/${exchange}/archive/${sourceKey}`
}

/**
 * `bronze/binance/rest/um/klines/BTCUSDT/1m/2026-05/`: the folder of the REST pages of a dataset's month.
 *
 * @param month `YYYY-MM`; all months when absent
 */
export function bronzePagePrefix(id: DatasetId, month?: string): string {
  const path = formatDatasetId(id).slice(id.exchange.length + 1)
  return `bronze/${id.exchange}/rest/${path}/${month === undefined ? '' : `${month}/`}`
}

/** What the key of a REST page says: where it came from, which rows of it count, and what it holds. */
export interface PageName {
  /** The id of the {@link RestSeries}. */
  readonly series: string
  readonly range: TimeRange
  /** Of the body, lower-case hex. */
  readonly sha256: string
}

/**
 * The key of one REST page in the folder of its month. It is made of what was asked and what came, so that the same
 * answer to the same question is one object, and that a day's pages are found without reading any.
 *
 * @example
 * bronzePageKey(id, { series: 'binance-um-klines', range, sha256 })
 * // 'bronze/binance/rest/um/klines/BTCUSDT/1m/2026-05/binance-um-klines.1778198400000000-1778284800000000.00ff….page'
 */
export function bronzePageKey(id: DatasetId, { series, range, sha256 }: PageName): string {
  return `${bronzePagePrefix(id, monthOf(range.from))}${series}.${range.from}-${range.to}.${sha256}.page`
}

const PAGE_KEY = /([^/.]+)\.(\d+)-(\d+)\.([0-9a-f]{64})\.page$/

/** What a page's key says; the inverse of {@link bronzePageKey}. `undefined` for every other key. */
export function parsePageKey(key: string): PageName | undefined {
  const [, series, from, to, sha256] = PAGE_KEY.exec(key) ?? []
  if (series === undefined || sha256 === undefined) return undefined
  return { series, range: { from: Number(from), to: Number(to) }, sha256 }
}

/**
 * `bronze/binance/ws/um/liquidations/BTCUSDT/2026-05-08/`: the folder of the recorded frames of a dataset's day.
 *
 * @param day `YYYY-MM-DD`; all days when absent
 */
export function bronzeFramePrefix(id: DatasetId, day?: string): string {
  const path = formatDatasetId(id).slice(id.exchange.length + 1)
  return `bronze/${id.exchange}/ws/${path}/${day === undefined ? '' : `${day}/`}`
}

/** The key of superseded bytes. */
export function versionKey(sha256: string): string {
  return `_lake/versions/${sha256}.parquet`
}

/**
 * The dataset of a silver series; the inverse of {@link silverSeries}. `undefined` for gold.
 *
 * @example
 * silverDataset(silverSeries(id)) // id
 */
export function silverDataset({ layer, table, exchange, market, symbol, interval }: Series): DatasetId | undefined {
  const dataType = DATA_TYPES.find((one) => SILVER_TABLES[one] === table)
  if (layer !== 'silver' || dataType === undefined) return undefined
  return { exchange, market, dataType, symbol, ...(interval === undefined ? {} : { interval }) }
}

/** The key of what is known about a dataset's files in bronze. */
export function inventoryKey(id: DatasetId): string {
  return `${INVENTORY_PREFIX}${formatDatasetId(id)}.json`
}

/** What the keys of all inventories start with. */
export const INVENTORY_PREFIX = '_lake/inventory/'

/** What the keys of all marks for rebuilding start with. */
export const REBUILD_PREFIX = '_lake/rebuild/'

/** The key of the partitions of a dataset that are to be rebuilt, because the source replaced files. */
export function rebuildKey(id: DatasetId): string {
  return `${REBUILD_PREFIX}${formatDatasetId(id)}.json`
}

/** `_lake/quarantine/rows/`, or the folder of a dataset in it: lines of its files that are no rows. */
export function quarantinePrefix(id?: DatasetId): string {
  return `_lake/quarantine/rows/${id === undefined ? '' : `${formatDatasetId(id)}/`}`
}

/** The key of the lines that were put aside of a file with this hash. */
export function quarantineKey(id: DatasetId, sha256: string): string {
  return `${quarantinePrefix(id)}${sha256}.parquet`
}

const QUARANTINE_KEY = /^_lake\/quarantine\/rows\/(.+)\/([0-9a-f]{64})\.parquet$/

/** What such a key says; the inverse of {@link quarantineKey}. `undefined` for every other key. */
export function parseQuarantineKey(key: string): { readonly dataset: DatasetId; readonly sha256: string } | undefined {
  const [, id, sha256] = QUARANTINE_KEY.exec(key) ?? []
  if (id === undefined || sha256 === undefined) return undefined
  return { dataset: parseDatasetId(id), sha256 }
}

/** The key of what is known about a dataset's files at their source. */
export function sourceInventoryKey(id: DatasetId): string {
  return `${sourceInventoryPrefix(id.exchange)}${formatDatasetId(id).slice(id.exchange.length + 1)}.json`
}

/** What the keys of an exchange's source inventory start with. */
export function sourceInventoryPrefix(exchange: string): string {
  return `${INVENTORY_PREFIX}source/${exchange}/`
}

/** The key of what venues were asked for of a dataset, and had not. */
export function refusalKey(id: DatasetId): string {
  return `_lake/refusals/${formatDatasetId(id)}.json`
}

/** The key of the months of a dataset that runs could not bring in. */
export function failedMonthsKey(id: DatasetId): string {
  return `_lake/failures/${formatDatasetId(id)}.json`
}

/** The key of the outages of a venue that a lake has learned of from its own data. */
export function outagesKey(exchange: string): string {
  return `_lake/outages/${exchange}.json`
}
